// Tasks: quotes, certificates of keys, credentials, audits; every signature checked by openssl or by the tool.

const KEY = `
      tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_create -C p.ctx -G ecc256:ecdsa-sha256 -u k.pub -r k.priv -c k.ctx
      tpm2_readpublic -c k.ctx -f pem -o k.pem`

export default [
  {
    name: 'a quote of PCRs, checked',
    steps: `
      tpm2_createek -G ecc -c ek.ctx -u ek.pub
      tpm2_createak -C ek.ctx -c ak.ctx -G ecc -g sha256 -s ecdsa -u ak.pem -f pem -n ak.name
      tpm2_pcrextend 10:sha256=$(printf '77%.0s' {1..32})
      tpm2_quote -c ak.ctx -l sha256:0,10,16 -q abc123 -m q.msg -s q.sig -o q.pcrs -g sha256
      tpm2_checkquote -u ak.pem -m q.msg -s q.sig -f q.pcrs -g sha256 -q abc123
      fails . tpm2_checkquote -u ak.pem -m q.msg -s q.sig -f q.pcrs -g sha256 -q abc124
      tpm2_print -t TPMS_ATTEST q.msg >words && grep -q 'extraData: abc123' words
      tpm2_quote -c ak.ctx -l sha256:0 -q 00 -m q.msg -s q.plain -f plain -g sha256
      openssl dgst -sha256 -verify ak.pem -signature q.plain q.msg
    `,
  },
  {
    name: 'a quote with an RSA attestation key',
    steps: `
      tpm2_createek -G rsa -c ek.ctx -u ek.pub
      tpm2_createak -C ek.ctx -c ak.ctx -G rsa -g sha256 -s rsassa -u ak.pem -f pem -n ak.name
      tpm2_quote -c ak.ctx -l sha256:0,1,2 -q 0123 -m q.msg -s q.sig -o q.pcrs -g sha256
      tpm2_checkquote -u ak.pem -m q.msg -s q.sig -f q.pcrs -g sha256 -q 0123
    `,
  },
  {
    name: 'a restricted key signs nothing that only a TPM makes',
    steps: `
      tpm2_createek -G ecc -c ek.ctx -u ek.pub
      tpm2_createak -C ek.ctx -c ak.ctx -G ecc -g sha256 -s ecdsa -u ak.pem -f pem
      printf 'harmless' >m && tpm2_hash -C e -g sha256 -t t -o d m
      tpm2_sign -c ak.ctx -g sha256 -d -t t -f plain -o s d && openssl dgst -sha256 -verify ak.pem -signature s m
      printf '\\377TCG forged' >m && tpm2_hash -C e -g sha256 -t t -o d m
      fails 'ticket' tpm2_sign -c ak.ctx -g sha256 -d -t t -o s d
    `,
  },
  {
    name: 'a credential for an attestation key',
    steps: `
      tpm2_createek -G ecc -c ek.ctx -u ek.pub
      tpm2_createak -C ek.ctx -c ak.ctx -G ecc -g sha256 -s ecdsa -u ak.pub -n ak.name
      printf 'the credential' >secret
      tpm2_makecredential -u ek.pub -s secret -n $(hexof ak.name) -o cred -G ecc --tcti none 2>/dev/null || tpm2_makecredential -e ek.pub -s secret -n $(hexof ak.name) -o cred
      tpm2_startauthsession --policy-session -S s.ctx && tpm2_policysecret -S s.ctx -c e
      tpm2_activatecredential -c ak.ctx -C ek.ctx -i cred -o out -P session:s.ctx && cmp secret out
      tpm2_flushcontext s.ctx
      tpm2_createak -C ek.ctx -c other.ctx -G ecc -g sha256 -s ecdsa -u other.pub
      tpm2_startauthsession --policy-session -S s.ctx && tpm2_policysecret -S s.ctx -c e
      fails 'integrity' tpm2_activatecredential -c other.ctx -C ek.ctx -i cred -o out2 -P session:s.ctx
      tpm2_flushcontext s.ctx
    `,
  },
  {
    name: 'a credential with an RSA endorsement key, made outside the TPM and inside',
    steps: `
      tpm2_createek -G rsa -c ek.ctx -u ek.pub
      tpm2_createak -C ek.ctx -c ak.ctx -G ecc -g sha256 -s ecdsa -u ak.pub -n ak.name
      printf 'the credential' >secret
      tpm2_makecredential -e ek.pub -s secret -n $(hexof ak.name) -o cred
      tpm2_readpublic -c ek.ctx -f pem -o ek.pem && tpm2_makecredential --tcti none -u ek.pem -G rsa -s secret -n $(hexof ak.name) -o cred2
      tpm2_startauthsession --policy-session -S s.ctx && tpm2_policysecret -S s.ctx -c e
      tpm2_activatecredential -c ak.ctx -C ek.ctx -i cred -o out -P session:s.ctx && cmp secret out
      tpm2_flushcontext s.ctx
      tpm2_startauthsession --policy-session -S s.ctx && tpm2_policysecret -S s.ctx -c e
      tpm2_activatecredential -c ak.ctx -C ek.ctx -i cred2 -o out -P session:s.ctx && cmp secret out
    `,
  },
  {
    name: 'one key certifies another, and its creation',
    steps: `
      ${KEY}
      tpm2_create -C p.ctx -G ecc -u o.pub -r o.priv -t ticket -d hash --creation-data data && tpm2_load -C p.ctx -u o.pub -r o.priv -c o.ctx -n o.name
      tpm2_certify -C k.ctx -c o.ctx -g sha256 -o att -s sig -f plain
      openssl dgst -sha256 -verify k.pem -signature sig att && hexof att | grep -q $(hexof o.name)
      tpm2_certifycreation -C k.ctx -c o.ctx -d hash -t ticket -g sha256 -f plain -o sig --attestation att -q 1234
      openssl dgst -sha256 -verify k.pem -signature sig att && hexof att | grep -q $(hexof hash)
      { printf '\\0\\40'; head -c 32 /dev/urandom; } >wrong
      fails 'ticket' tpm2_certifycreation -C k.ctx -c o.ctx -d wrong -t ticket -g sha256 -o sig --attestation att
      tpm2_certifyX509certutil -o cert.der -d 30 -i 'CN=a' -s 'CN=b' && [ -s cert.der ]
    `,
  },
  {
    name: 'the time, signed',
    steps: `
      ${KEY}
      tpm2_gettime -c k.ctx -g sha256 -f plain -o sig --attestation att -q cafe
      openssl dgst -sha256 -verify k.pem -signature sig att && [ $(head -c 6 att | hexof) = ff5443478019 ]
    `,
  },
  {
    name: 'the audit of commands',
    steps: `
      ${KEY}
      tpm2_setcommandauditstatus -C o -g sha256 2>/dev/null; tpm2_setcommandauditstatus TPM2_CC_GetRandom
      tpm2_getcommandauditdigest -c k.ctx -g sha256 -m a1 -s s1 -f plain && openssl dgst -sha256 -verify k.pem -signature s1 a1
      tpm2_getrandom --hex 8
      tpm2_getcommandauditdigest -c k.ctx -g sha256 -m a2 -s s2 -f plain && openssl dgst -sha256 -verify k.pem -signature s2 a2
      [ $(head -c 6 a2 | hexof) = ff5443478015 ] && ! cmp -s a1 a2
      tpm2_getcap commands >/dev/null && tpm2_setcommandauditstatus -c TPM2_CC_GetRandom
    `,
  },
  {
    name: 'the audit of a session',
    steps: `
      ${KEY}
      printf data >data && tpm2_nvdefine -C o -s 4 -a 'ownerread|ownerwrite|authread' 0x1500020 && tpm2_nvwrite -C o -i data 0x1500020
      tpm2_startauthsession --audit-session -S s.ctx
      tpm2_nvread -C o -S s.ctx -s 4 -o out 0x1500020 --cphash cp --rphash rp && cmp data out
      tpm2_getsessionauditdigest -c k.ctx -g sha256 -m att -s sig -f plain -S s.ctx
      openssl dgst -sha256 -verify k.pem -signature sig att && [ $(head -c 6 att | hexof) = ff5443478016 ]
    `,
  },
]
