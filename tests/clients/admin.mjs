// Tasks: hierarchies, their seeds and passwords, dictionary attack protection, sessions.

export default [
  {
    name: 'clear makes another owner, and can be forbidden',
    steps: `
      tpm2_createprimary -C o -G ecc -c p.ctx && tpm2_readpublic -c p.ctx -n before
      tpm2_createprimary -C e -G ecc -c e.ctx && tpm2_readpublic -c e.ctx -n ebefore
      tpm2_changeauth -c o secret && fails 'auth' tpm2_createprimary -C o -G ecc -c q.ctx
      tpm2_evictcontrol -C o -P secret -c p.ctx 0x81000005
      tpm2_clearcontrol -C l s
      fails 'disabled' tpm2_clear
      tpm2_clearcontrol -C p c
      tpm2_clear
      fails . tpm2_readpublic -c 0x81000005
      tpm2_createprimary -C o -G ecc -c q.ctx && tpm2_readpublic -c q.ctx -n after && ! cmp -s before after
      tpm2_createprimary -C e -G ecc -c f.ctx && tpm2_readpublic -c f.ctx -n eafter && cmp ebefore eafter
      tpm2_clear -c p
    `,
  },
  {
    name: 'passwords of hierarchies outlive a restart',
    steps: `
      tpm2_changeauth -c o owner && tpm2_changeauth -c e endorse && tpm2_changeauth -c l lock
      tpm2_getcap properties-variable >var && grep -q 'ownerAuthSet: *1' var && grep -q 'lockoutAuthSet: *1' var
      @restart
      tpm2_startup -c
      fails 'auth' tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_createprimary -C o -P owner -G ecc -c p.ctx
      tpm2_changeauth -c o -p owner owner2 && tpm2_createprimary -C o -P owner2 -G ecc -c p.ctx
      tpm2_changeauth -c o -p owner2
      tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_clear lock && tpm2_getcap properties-variable >var && grep -q 'lockoutAuthSet: *0' var
    `,
  },
  {
    name: 'hierarchies are switched off until the next start',
    steps: `
      tpm2_hierarchycontrol -C p shEnable clear
      fails 'hierarchy' tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_getcap properties-variable >var && grep -q 'shEnable: *0' var
      tpm2_hierarchycontrol -C p shEnable set
      tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_hierarchycontrol -C p phEnableNV clear && tpm2_hierarchycontrol -C p phEnable clear
      fails 'hierarchy' tpm2_createprimary -C p -G ecc -c p.ctx
      tpm2_shutdown -c
      @restart
      tpm2_startup -c
      tpm2_createprimary -C p -G ecc -c p.ctx
    `,
  },
  {
    name: 'new seeds make new keys',
    steps: `
      tpm2_createprimary -C e -G ecc -c e.ctx && tpm2_readpublic -c e.ctx -n e1
      tpm2_createprimary -C p -G ecc -c p.ctx && tpm2_readpublic -c p.ctx -n p1
      tpm2_changeeps && tpm2_createprimary -C e -G ecc -c e.ctx && tpm2_readpublic -c e.ctx -n e2 && ! cmp -s e1 e2
      tpm2_createprimary -C p -G ecc -c p.ctx && tpm2_readpublic -c p.ctx -n p2 && cmp p1 p2
      tpm2_changepps && tpm2_createprimary -C p -G ecc -c p.ctx && tpm2_readpublic -c p.ctx -n p3 && ! cmp -s p1 p3
    `,
  },
  {
    name: 'a hierarchy with a policy',
    steps: `
      tpm2_startauthsession -S t.ctx && tpm2_policycommandcode -S t.ctx -L policy TPM2_CC_CreatePrimary && tpm2_flushcontext t.ctx
      tpm2_setprimarypolicy -C e -L policy -g sha256
      tpm2_changeauth -c e secret
      tpm2_startauthsession --policy-session -S s.ctx && tpm2_policycommandcode -S s.ctx TPM2_CC_CreatePrimary
      tpm2_createprimary -C e -P session:s.ctx -G ecc -c p.ctx && tpm2_flushcontext s.ctx
      fails 'auth' tpm2_createprimary -C e -G ecc -c q.ctx
    `,
  },
  {
    name: 'dictionary attacks lock the TPM',
    steps: `
      tpm2_dictionarylockout -s -n 3 -t 1000 -l 0
      tpm2_getcap properties-variable >var && grep -A1 'MAX_AUTH_FAIL' var | grep -qi '0x3\\|3$'
      tpm2_createprimary -C o -G ecc -c p.ctx && printf secret >secret
      tpm2_create -C p.ctx -i secret -p pass -u s.pub -r s.priv -c s.ctx
      for i in 1 2 3; do fails 'auth|DA' tpm2_unseal -c s.ctx -p wrong || exit 1; done
      fails 'lockout|DA' tpm2_unseal -c s.ctx -p pass
      tpm2_getcap properties-variable >var && grep -q 'inLockout: *1' var
      tpm2_dictionarylockout -c
      tpm2_unseal -c s.ctx -p pass -o out && cmp secret out
      tpm2_create -C p.ctx -i secret -p pass -a 'fixedtpm|fixedparent|userwithauth|noda' -u s.pub -r s.priv -c n.ctx
      for i in 1 2 3 4 5; do fails 'auth' tpm2_unseal -c n.ctx -p wrong || exit 1; done
      tpm2_unseal -c n.ctx -p pass -o out && cmp secret out
    `,
  },
  {
    name: 'sessions: HMAC',
    steps: `
      tpm2_createprimary -C o -G ecc -c p.ctx && printf secret >secret
      tpm2_create -C p.ctx -i secret -p pass -u s.pub -r s.priv -c s.ctx
      tpm2_startauthsession --hmac-session -S h.ctx
      tpm2_unseal -c s.ctx -p session:h.ctx+pass -o out && cmp secret out
      tpm2_unseal -c s.ctx -p session:h.ctx+pass -o out && cmp secret out
      fails 'auth' tpm2_unseal -c s.ctx -p session:h.ctx+wrong
      tpm2_sessionconfig h.ctx >conf && grep -q 'continuesession' conf
      tpm2_flushcontext h.ctx
      tpm2_getcap handles-loaded-session >h && [ ! -s h ] && tpm2_getcap handles-saved-session >h && [ ! -s h ]
    `,
  },
  {
    name: 'sessions: salted with an ECC key, parameters encrypted',
    steps: `
      tpm2_createprimary -C o -G ecc -c p.ctx && printf secret >secret
      tpm2_create -C p.ctx -i secret -p pass -u s.pub -r s.priv -c s.ctx
      tpm2_startauthsession --hmac-session --tpmkey-context p.ctx -S h.ctx
      tpm2_sessionconfig h.ctx --enable-decrypt --enable-encrypt
      tpm2_unseal -c s.ctx -p session:h.ctx+pass -o out && cmp secret out
      tpm2_flushcontext h.ctx
    `,
  },
  {
    name: 'sessions: salted with an RSA key, as an extra session',
    steps: `
      tpm2_createprimary -C o -G rsa2048 -c p.ctx && printf secret >secret
      tpm2_create -C p.ctx -i secret -p pass -u s.pub -r s.priv -c s.ctx
      tpm2_startauthsession --hmac-session --tpmkey-context p.ctx -S h.ctx
      tpm2_sessionconfig h.ctx --enable-encrypt
      tpm2_unseal -c s.ctx -p pass -S h.ctx -o out && cmp secret out
      tpm2_flushcontext h.ctx
    `,
  },
  {
    name: 'sessions: bound',
    steps: `
      tpm2_createprimary -C o -G ecc -p bindpass -c p.ctx && printf secret >secret
      tpm2_create -C p.ctx -P bindpass -i secret -p pass -u s.pub -r s.priv -c s.ctx
      tpm2_startauthsession --hmac-session --bind-context p.ctx --bind-auth bindpass -S h.ctx
      tpm2_sessionconfig h.ctx --enable-encrypt --enable-decrypt
      tpm2_unseal -c s.ctx -p session:h.ctx+pass -o out && cmp secret out
      tpm2_create -C p.ctx -P session:h.ctx+bindpass -i secret -u t.pub -r t.priv
      tpm2_flushcontext h.ctx
    `,
  },
  {
    name: 'sessions: policy with SHA-384',
    steps: `
      tpm2_startauthsession -g sha384 -S t.ctx && tpm2_policycommandcode -S t.ctx -L policy TPM2_CC_Unseal && tpm2_flushcontext t.ctx
      [ $(wc -c <policy) = 48 ]
      tpm2_createprimary -C o -G ecc -c p.ctx && printf secret >secret
      tpm2_create -C p.ctx -g sha384 -i secret -L policy -a 'fixedtpm|fixedparent' -u s.pub -r s.priv -c s.ctx
      tpm2_startauthsession --policy-session -g sha384 -S s1.ctx && tpm2_policycommandcode -S s1.ctx TPM2_CC_Unseal
      tpm2_unseal -c s.ctx -p session:s1.ctx -o out && cmp secret out
      tpm2_flushcontext s1.ctx
    `,
  },
  {
    name: 'sessions: many, saved and flushed',
    steps: `
      for i in $(seq 20); do tpm2_startauthsession --policy-session -S s$i.ctx || exit 1; done
      tpm2_getcap handles-saved-session >h && [ $(wc -l <h) = 20 ]
      tpm2_flushcontext -s
      tpm2_getcap handles-saved-session >h && [ ! -s h ]
      tpm2_startauthsession --policy-session -S s.ctx && tpm2_flushcontext s.ctx
    `,
  },
]
