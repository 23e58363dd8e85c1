// Tasks: policies of every kind. Each is computed in a trial session, then met, then missed.

/** An object sealed under `policy`, and a policy session. */
const SEALED = `
      tpm2_createprimary -C o -G ecc -c p.ctx && printf secret >secret
      tpm2_create -C p.ctx -i secret -L policy -a 'fixedtpm|fixedparent' -u s.pub -r s.priv -c s.ctx`
const trial = command => `tpm2_startauthsession -S t.ctx && ${command} && tpm2_flushcontext t.ctx`
const open = 'tpm2_startauthsession --policy-session -S s1.ctx'
const unseal = 'tpm2_unseal -c s.ctx -p session:s1.ctx -o out && cmp secret out'
const refused = 'tpm2_unseal -c s.ctx -p session:s1.ctx'
const close = 'tpm2_flushcontext s1.ctx'

export default [
  {
    name: 'policy: PCR values',
    steps: `
      tpm2_pcrread sha256:0,16 -o pcrs
      tpm2_createpolicy --policy-pcr -l sha256:0,16 -f pcrs -L policy
      ${trial('tpm2_policypcr -S t.ctx -l sha256:0,16 -f pcrs -L policy2')} && cmp policy policy2
      ${SEALED}
      ${open} && tpm2_policypcr -S s1.ctx -l sha256:0,16
      ${unseal}
      ${close}
      tpm2_unseal -c s.ctx -p pcr:sha256:0,16 -o out && cmp secret out
      ${open} && tpm2_policypcr -S s1.ctx -l sha256:0,16
      tpm2_pcrextend 15:sha256=$(printf '44%.0s' {1..32})
      fails 'PCR' ${refused}
      ${close}
      tpm2_pcrextend 16:sha256=$(printf '44%.0s' {1..32})
      ${open} && tpm2_policypcr -S s1.ctx -l sha256:0,16
      fails 'policy' ${refused}
    `,
  },
  {
    name: 'policy: password and auth value',
    steps: `
      ${trial('tpm2_policypassword -S t.ctx -L pw')}
      ${trial('tpm2_policyauthvalue -S t.ctx -L av')} && cmp pw av
      tpm2_createprimary -C o -G ecc -c p.ctx && printf secret >secret
      tpm2_create -C p.ctx -i secret -L pw -p pass -a 'fixedtpm|fixedparent' -u s.pub -r s.priv -c s.ctx
      ${open} && tpm2_policypassword -S s1.ctx && tpm2_unseal -c s.ctx -p session:s1.ctx+pass -o out && cmp secret out
      ${close}
      ${open} && tpm2_policyauthvalue -S s1.ctx && tpm2_unseal -c s.ctx -p session:s1.ctx+pass -o out && cmp secret out
      ${close}
      ${open} && tpm2_policyauthvalue -S s1.ctx && fails 'auth' tpm2_unseal -c s.ctx -p session:s1.ctx+wrong
      ${close}
    `,
  },
  {
    name: 'policy: the secret of another',
    steps: `
      tpm2_changeauth -c o ownerpass
      ${trial('tpm2_policysecret -S t.ctx -c o -L policy ownerpass')}
      tpm2_createprimary -C o -P ownerpass -G ecc -c p.ctx && printf secret >secret
      tpm2_create -C p.ctx -i secret -L policy -a 'fixedtpm|fixedparent' -u s.pub -r s.priv -c s.ctx
      ${open} && tpm2_policysecret -S s1.ctx -c o ownerpass && ${unseal}
      ${close}
      ${open} && fails 'auth' tpm2_policysecret -S s1.ctx -c o wrong
      fails 'policy' ${refused}
      ${close}
    `,
  },
  {
    name: 'policy: a signature, and the ticket of one',
    steps: `
      openssl ecparam -name prime256v1 -genkey -noout -out k.pem && openssl ec -in k.pem -pubout -out pub.pem
      tpm2_loadexternal -C o -G ecc -u pub.pem -c pub.ctx -n pub.name
      printf '\\0\\0\\0\\0' | openssl dgst -sha256 -sign k.pem -out s
      ${trial('tpm2_policysigned -S t.ctx -c pub.ctx -g sha256 -f ecdsa -s s -L policy')}
      ${SEALED}
      ${open} && tpm2_policysigned -S s1.ctx -c pub.ctx -g sha256 -f ecdsa -s s && ${unseal}
      ${close}
      ${open}
      tpm2_policysigned -S s1.ctx -c pub.ctx -g sha256 -x -t -600 --raw-data raw
      openssl dgst -sha256 -sign k.pem -out s2 raw
      tpm2_policysigned -S s1.ctx -c pub.ctx -g sha256 -f ecdsa -s s2 -x -t -600 --ticket ticket --timeout timeout && ${unseal}
      ${close}
      ${open} && tpm2_policyticket -S s1.ctx -n pub.name --ticket ticket --timeout timeout && ${unseal}
      ${close}
      printf other | openssl dgst -sha256 -sign k.pem -out bad
      ${open} && fails 'signature' tpm2_policysigned -S s1.ctx -c pub.ctx -g sha256 -f ecdsa -s bad
      ${close}
    `,
  },
  {
    name: 'policy: one that an authority signs',
    steps: `
      openssl ecparam -name prime256v1 -genkey -noout -out k.pem && openssl ec -in k.pem -pubout -out pub.pem
      tpm2_loadexternal -C o -G ecc -u pub.pem -c pub.ctx -n pub.name
      ${trial('tpm2_policyauthorize -S t.ctx -L policy -n pub.name')}
      ${SEALED}
      tpm2_createpolicy --policy-pcr -l sha256:16 -L approved
      openssl dgst -sha256 -sign k.pem -out s approved
      tpm2_verifysignature -c pub.ctx -g sha256 -m approved -s s -f ecdsa -t ticket
      ${open} && tpm2_policypcr -S s1.ctx -l sha256:16
      tpm2_policyauthorize -S s1.ctx -i approved -n pub.name -t ticket && ${unseal}
      ${close}
      tpm2_pcrextend 16:sha256=$(printf '55%.0s' {1..32})
      ${open} && tpm2_policypcr -S s1.ctx -l sha256:16
      fails 'value' tpm2_policyauthorize -S s1.ctx -i approved -n pub.name -t ticket
      ${close}
    `,
  },
  {
    name: 'policy: only one command',
    steps: `
      ${trial('tpm2_policycommandcode -S t.ctx -L policy TPM2_CC_Unseal')}
      ${SEALED}
      ${open} && tpm2_policycommandcode -S s1.ctx TPM2_CC_Unseal && ${unseal}
      ${close}
      ${open} && tpm2_policycommandcode -S s1.ctx TPM2_CC_Sign
      fails 'policy' ${refused}
      ${close}
    `,
  },
  {
    name: 'policy: one of several',
    steps: `
      ${trial('tpm2_policycommandcode -S t.ctx -L a TPM2_CC_Unseal')}
      ${trial('tpm2_policypassword -S t.ctx -L b')}
      ${trial('tpm2_policyor -S t.ctx -L policy sha256:a,b')}
      ${SEALED}
      ${open} && tpm2_policycommandcode -S s1.ctx TPM2_CC_Unseal && tpm2_policyor -S s1.ctx sha256:a,b && ${unseal}
      ${close}
      ${open} && tpm2_policypassword -S s1.ctx && tpm2_policyor -S s1.ctx sha256:a,b && tpm2_unseal -c s.ctx -p session:s1.ctx -o out
      ${close}
      ${open} && tpm2_policycommandcode -S s1.ctx TPM2_CC_Sign && fails 'value' tpm2_policyor -S s1.ctx sha256:a,b
      ${close}
    `,
  },
  {
    name: 'policy: started over, and its digest read',
    steps: `
      ${trial('tpm2_policycommandcode -S t.ctx -L policy TPM2_CC_Unseal')}
      ${SEALED}
      ${open} && tpm2_policycommandcode -S s1.ctx TPM2_CC_Sign
      tpm2_policyrestart -S s1.ctx
      tpm2_getpolicydigest -S s1.ctx -o d && cmp -n 32 d /dev/zero
      tpm2_policycommandcode -S s1.ctx TPM2_CC_Unseal && tpm2_getpolicydigest -S s1.ctx -o d && cmp d policy
      { head -c 32 /dev/zero; echo 0000016c0000015e | unhex; } | openssl dgst -sha256 -binary | cmp - d
      ${unseal}
      ${close}
    `,
  },
  {
    name: 'policy: localities',
    steps: `
      ${trial('tpm2_policylocality -S t.ctx -L policy zero')}
      ${SEALED}
      ${open} && tpm2_policylocality -S s1.ctx zero && ${unseal}
      ${close}
      ${trial('tpm2_policylocality -S t.ctx -L policy three')}
      tpm2_create -C p.ctx -i secret -L policy -a 'fixedtpm|fixedparent' -u s.pub -r s.priv -c s.ctx
      ${open} && tpm2_policylocality -S s1.ctx three
      fails 'locality' ${refused}
      ${close}
    `,
  },
  {
    name: 'policy: the clock',
    steps: `
      ${trial('tpm2_policycountertimer -S t.ctx -L policy --ult 3600000')}
      ${SEALED}
      ${open} && tpm2_policycountertimer -S s1.ctx --ult 3600000 && ${unseal}
      ${close}
      tpm2_setclock 4000000
      ${open} && tpm2_policycountertimer -S s1.ctx --ult clock=5000000
      fails 'policy' tpm2_policycountertimer -S s1.ctx --ult clock=3600000
      ${close}
    `,
  },
  {
    name: 'policy: what stands in NV',
    steps: `
      tpm2_nvdefine -C o -s 1 -a 'authread|authwrite|ownerread|ownerwrite' 0x1500001
      printf '\\5' | tpm2_nvwrite -C o -i - 0x1500001
      printf '\\12' >ten
      ${trial('tpm2_policynv -S t.ctx -C o -i ten -L policy 0x1500001 ult')}
      ${SEALED}
      ${open} && tpm2_policynv -S s1.ctx -C o -i ten 0x1500001 ult && ${unseal}
      ${close}
      printf '\\13' | tpm2_nvwrite -C o -i - 0x1500001
      ${open} && fails 'policy' tpm2_policynv -S s1.ctx -C o -i ten 0x1500001 ult
      ${close}
    `,
  },
  {
    name: 'policy: a policy that stands in NV',
    steps: `
      tpm2_nvdefine -C o -s 34 -a 'authread|authwrite|ownerread|ownerwrite|policyread|policywrite' -p nvpass 0x1500002
      ${trial('tpm2_policycommandcode -S t.ctx -L inner TPM2_CC_Unseal')}
      { printf '\\0\\13'; cat inner; } | tpm2_nvwrite -C 0x1500002 -P nvpass -i - 0x1500002
      ${trial('tpm2_policyauthorizenv -S t.ctx -C 0x1500002 -P nvpass -L policy 0x1500002')}
      ${SEALED}
      ${open} && tpm2_policycommandcode -S s1.ctx TPM2_CC_Unseal
      tpm2_policyauthorizenv -S s1.ctx -C 0x1500002 -P nvpass 0x1500002 && ${unseal}
      ${close}
      ${open} && fails 'policy|value' tpm2_policyauthorizenv -S s1.ctx -C 0x1500002 -P nvpass 0x1500002
      ${close}
    `,
  },
  {
    name: 'policy: written or not',
    steps: `
      ${trial('tpm2_policycommandcode -S t.ctx TPM2_CC_NV_Write && tpm2_policynvwritten -S t.ctx -L policy c')}
      tpm2_nvdefine -C o -s 4 -a 'ownerread|policywrite' -L policy 0x1500003
      ${open} && tpm2_policycommandcode -S s1.ctx TPM2_CC_NV_Write && tpm2_policynvwritten -S s1.ctx c
      printf once | tpm2_nvwrite -C 0x1500003 -P session:s1.ctx -i - 0x1500003
      ${close}
      ${open} && tpm2_policycommandcode -S s1.ctx TPM2_CC_NV_Write && tpm2_policynvwritten -S s1.ctx c
      printf more >more; fails 'policy' tpm2_nvwrite -C 0x1500003 -P session:s1.ctx -i more 0x1500003
      ${close}
      [ "$(tpm2_nvread -C o 0x1500003)" = once ]
    `,
  },
  {
    name: 'policy: the exact parameters, the exact names',
    steps: `
      tpm2_setclock 1000000 --cphash cp.hash
      ${trial('tpm2_policycphash -S t.ctx -L policy --cphash cp.hash')}
      tpm2_setprimarypolicy -C o -L policy -g sha256
      ${open} && tpm2_policycphash -S s1.ctx --cphash cp.hash && tpm2_setclock 1000000 -p session:s1.ctx
      ${close}
      ${open} && tpm2_policycphash -S s1.ctx --cphash cp.hash && fails 'policy|cpHash' tpm2_setclock 2000000 -p session:s1.ctx
      ${close}
      echo 40000001 | unhex | openssl dgst -sha256 -binary >names
      ${trial('tpm2_policynamehash -S t.ctx -L policy -n names')}
      tpm2_setprimarypolicy -C o -L policy -g sha256
      ${open} && tpm2_policynamehash -S s1.ctx -n names && tpm2_setclock 3000000 -p session:s1.ctx
      ${close}
    `,
  },
  {
    name: 'policy: the template of what is made',
    steps: `
      tpm2_createprimary -C o -G ecc -c p.ctx --template-data t 2>/dev/null || { tpm2_createprimary -C o -G ecc -c p.ctx && tpm2_readpublic -c p.ctx -f tss -o p.pub && tail -c +3 p.pub >full && head -c $(( $(wc -c <full) - 68 )) full >t && head -c 68 /dev/zero | tail -c 64 >/dev/null && printf '\\0\\0\\0\\0' >>t; }
      openssl dgst -sha256 -binary t >hash
      ${trial('tpm2_policytemplate -S t.ctx -L policy --template-hash hash')}
      tpm2_setprimarypolicy -C o -L policy -g sha256
      ${open} && tpm2_policytemplate -S s1.ctx --template-hash hash
      tpm2_createprimary -C o -P session:s1.ctx -G ecc -c q.ctx
      ${close}
      ${open} && tpm2_policytemplate -S s1.ctx --template-hash hash
      fails 'policy' tpm2_createprimary -C o -P session:s1.ctx -G ecc384 -c q.ctx
      ${close}
    `,
  },
  {
    name: 'policy: to whom a key may go',
    steps: `
      tpm2_createprimary -C o -G ecc -c old.ctx
      tpm2_createprimary -C e -G ecc -c new.ctx && tpm2_readpublic -c new.ctx -n new.name
      tpm2_createprimary -C p -G ecc -c other.ctx
      ${trial('tpm2_policyduplicationselect -S t.ctx -N new.name -L policy')}
      tpm2_create -C old.ctx -G ecc -L policy -a 'sensitivedataorigin|userwithauth|sign|decrypt' -u k.pub -r k.priv -c k.ctx
      tpm2_readpublic -c k.ctx -n k.name
      ${open} && tpm2_policyduplicationselect -S s1.ctx -n k.name -N new.name
      tpm2_duplicate -C new.ctx -c k.ctx -G null -p session:s1.ctx -r dup.priv -s dup.seed
      ${close}
      tpm2_import -C new.ctx -u k.pub -i dup.priv -r moved.priv -s dup.seed -L policy && tpm2_load -C new.ctx -u k.pub -r moved.priv -c moved.ctx
      ${open} && tpm2_policyduplicationselect -S s1.ctx -n k.name -N new.name
      fails 'policy|cpHash' tpm2_duplicate -C other.ctx -c k.ctx -G null -p session:s1.ctx -r dup.priv -s dup.seed
      ${close}
    `,
  },
]
