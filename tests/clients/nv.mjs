// Tasks: NV Indexes of every type, their locks, PINs, policies and certificates.

export default [
  {
    name: 'NV: data, in parts, over a restart',
    steps: `
      tpm2_nvdefine -C o -s 64 -a 'ownerread|ownerwrite|authread|authwrite' -p pass 0x1500010
      fails 'initialized' tpm2_nvread -C o 0x1500010
      printf 'hello world' | tpm2_nvwrite -C o -i - 0x1500010
      printf 'W' | tpm2_nvwrite -C 0x1500010 -P pass --offset 6 -i - 0x1500010
      [ "$(tpm2_nvread -C o -s 11 0x1500010)" = 'hello World' ]
      @restart
      tpm2_startup -c
      [ "$(tpm2_nvread -C 0x1500010 -P pass -s 5 --offset 6 0x1500010)" = World ]
      tpm2_nvreadpublic 0x1500010 >pub && grep -q 'size: 64' pub && grep -q 'friendly: .*written' pub
      fails 'auth' tpm2_nvread -C 0x1500010 -P wrong -s 5 0x1500010
      head -c 65 /dev/zero >long; fails 'range|size|too large' tpm2_nvwrite -C o -i long 0x1500010
      tpm2_nvundefine -C o 0x1500010
      fails . tpm2_nvreadpublic 0x1500010
    `,
  },
  {
    name: 'NV: more than one buffer',
    steps: `
      tpm2_nvdefine -C o -s 2048 -a 'ownerread|ownerwrite' 0x1500011
      head -c 2048 /dev/urandom >data && tpm2_nvwrite -C o -i data 0x1500011
      tpm2_nvread -C o -o out 0x1500011 && cmp data out
      tpm2_getcap handles-nv-index | grep -q 0x1500011
    `,
  },
  {
    name: 'NV: a counter only rises',
    steps: `
      tpm2_nvdefine -C o -s 8 -a 'ownerread|ownerwrite|nt=counter' 0x1500012
      tpm2_nvincrement -C o 0x1500012 && tpm2_nvread -C o -o a 0x1500012
      tpm2_nvincrement -C o 0x1500012 && tpm2_nvread -C o -o b 0x1500012
      [ $((16#$(hexof b))) = $((16#$(hexof a) + 1)) ]
      @restart
      tpm2_startup -c
      tpm2_nvread -C o -o c 0x1500012 && cmp b c
      printf 12345678 >w; fails 'attributes' tpm2_nvwrite -C o -i w 0x1500012
      tpm2_nvundefine -C o 0x1500012
      tpm2_nvdefine -C o -s 8 -a 'ownerread|ownerwrite|nt=counter' 0x1500012
      tpm2_nvincrement -C o 0x1500012 && tpm2_nvread -C o -o d 0x1500012 && [ $((16#$(hexof d))) -gt $((16#$(hexof b))) ]
    `,
  },
  {
    name: 'NV: bits are set and stay set',
    steps: `
      tpm2_nvdefine -C o -s 8 -a 'ownerread|ownerwrite|nt=bits' 0x1500013
      tpm2_nvsetbits -C o -i 0x5 0x1500013
      tpm2_nvsetbits -C o -i 0x8000000000000002 0x1500013
      tpm2_nvread -C o -o out 0x1500013 && [ $(hexof out) = 8000000000000007 ]
    `,
  },
  {
    name: 'NV: an index that is extended',
    steps: `
      tpm2_nvdefine -C o -g sha256 -a 'ownerread|ownerwrite|nt=extend' 0x1500014
      printf data | tpm2_nvextend -C o -i - 0x1500014
      { head -c 32 /dev/zero; printf data; } | openssl dgst -sha256 -binary >want
      tpm2_nvread -C o -o out 0x1500014 && cmp out want
      printf more | tpm2_nvextend -C o -i - 0x1500014
      { cat want; printf more; } | openssl dgst -sha256 -binary >want2
      tpm2_nvread -C o -o out 0x1500014 && cmp out want2
    `,
  },
  {
    name: 'NV: write lock and read lock last until the next start',
    steps: `
      tpm2_nvdefine -C o -s 4 -a 'ownerread|ownerwrite|read_stclear|write_stclear' 0x1500015
      printf data | tpm2_nvwrite -C o -i - 0x1500015
      tpm2_nvwritelock -C o 0x1500015
      printf more >more; fails 'locked' tpm2_nvwrite -C o -i more 0x1500015
      tpm2_nvreadlock -C o 0x1500015
      fails 'locked' tpm2_nvread -C o 0x1500015
      tpm2_shutdown -c
      @restart
      tpm2_startup -c
      [ "$(tpm2_nvread -C o 0x1500015)" = data ]
      tpm2_nvwrite -C o -i more 0x1500015 && [ "$(tpm2_nvread -C o 0x1500015)" = more ]
    `,
  },
  {
    name: 'NV: write lock for good, and the global lock',
    steps: `
      tpm2_nvdefine -C o -s 4 -a 'ownerread|ownerwrite|writedefine' 0x1500016
      printf data | tpm2_nvwrite -C o -i - 0x1500016 && tpm2_nvwritelock -C o 0x1500016
      tpm2_nvdefine -C o -s 4 -a 'ownerread|ownerwrite|globallock' 0x1500017
      printf data | tpm2_nvwrite -C o -i - 0x1500017
      tpm2_nvwritelock -C o --global
      printf more >more; fails 'locked' tpm2_nvwrite -C o -i more 0x1500017
      tpm2_shutdown -c
      @restart
      tpm2_startup -c
      fails 'locked' tpm2_nvwrite -C o -i more 0x1500016
      tpm2_nvwrite -C o -i more 0x1500017
    `,
  },
  {
    name: 'NV: PINs that fail and PINs that pass',
    steps: `
      tpm2_nvdefine -C o -s 8 -a 'ownerread|ownerwrite|authread|no_da|nt=pinfail' -p pin 0x1500018
      echo 0000000000000002 | unhex | tpm2_nvwrite -C o -i - 0x1500018
      tpm2_nvread -C 0x1500018 -P pin -o out 0x1500018
      fails 'auth' tpm2_nvread -C 0x1500018 -P wrong 0x1500018
      tpm2_nvread -C o -o out 0x1500018 && [ $(hexof out) = 0000000100000002 ]
      fails 'auth' tpm2_nvread -C 0x1500018 -P wrong 0x1500018
      fails . tpm2_nvread -C 0x1500018 -P pin 0x1500018
      tpm2_nvdefine -C o -s 8 -a 'ownerread|ownerwrite|authread|no_da|nt=pinpass' -p pin 0x1500019
      echo 0000000000000002 | unhex | tpm2_nvwrite -C o -i - 0x1500019
      tpm2_startauthsession --policy-session -S s.ctx
      tpm2_policysecret -S s.ctx -c 0x1500019 pin && tpm2_policysecret -S s.ctx -c 0x1500019 pin
      fails . tpm2_policysecret -S s.ctx -c 0x1500019 pin
      tpm2_nvread -C o -o out 0x1500019 && [ $(hexof out) = 0000000200000002 ]
    `,
  },
  {
    name: 'NV: read and written by policy',
    steps: `
      tpm2_startauthsession -S t.ctx && tpm2_policypcr -S t.ctx -l sha256:16 -L policy && tpm2_flushcontext t.ctx
      tpm2_nvdefine -C o -s 4 -a 'policyread|policywrite' -L policy 0x150001a
      printf data >data
      tpm2_startauthsession --policy-session -S s.ctx && tpm2_policypcr -S s.ctx -l sha256:16
      tpm2_nvwrite -C 0x150001a -P session:s.ctx -i data 0x150001a && tpm2_flushcontext s.ctx
      tpm2_nvread -C 0x150001a -P pcr:sha256:16 -o out 0x150001a && cmp data out
      fails . tpm2_nvread -C o 0x150001a
      tpm2_pcrextend 16:sha256=$(printf '66%.0s' {1..32})
      fails 'policy' tpm2_nvread -C 0x150001a -P pcr:sha256:16 0x150001a
    `,
  },
  {
    name: 'NV: certified',
    steps: `
      tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_create -C p.ctx -G ecc256:ecdsa-sha256 -u k.pub -r k.priv -c k.ctx && tpm2_readpublic -c k.ctx -f pem -o k.pem
      tpm2_nvdefine -C o -s 8 -a 'ownerread|ownerwrite|authread' -p nv 0x150001b
      printf certdata | tpm2_nvwrite -C o -i - 0x150001b
      tpm2_nvcertify -C k.ctx -c o -g sha256 -f plain -o s --attestation att -q abcd --size 8 --offset 0 0x150001b
      openssl dgst -sha256 -verify k.pem -signature s att
      hexof att | grep -q $(printf certdata | hexof)
    `,
  },
  {
    name: 'NV: removed only by policy',
    steps: `
      tpm2_startauthsession -S t.ctx && tpm2_policycommandcode -S t.ctx -L policy TPM2_CC_NV_UndefineSpaceSpecial && tpm2_flushcontext t.ctx
      tpm2_nvdefine -C p -s 4 -a 'ppread|ppwrite|authread|authwrite|policydelete|platformcreate' -L policy 0x150001c
      fails . tpm2_nvundefine -C p 0x150001c
      tpm2_startauthsession --policy-session -S s.ctx && tpm2_policycommandcode -S s.ctx TPM2_CC_NV_UndefineSpaceSpecial
      tpm2_nvundefine -C p -S s.ctx 0x150001c
      tpm2_flushcontext s.ctx
      fails . tpm2_nvreadpublic 0x150001c
    `,
  },
  {
    name: 'NV: the certificate of an endorsement key',
    steps: `
      tpm2_createek -G ecc -c ek.ctx -u ek.pub
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -subj /CN=ca -days 9 -outform DER -out cert 2>/dev/null
      tpm2_nvdefine -C o -s $(wc -c <cert) -a 'ownerread|ownerwrite|authread|no_da' 0x1c0000a
      tpm2_nvwrite -C o -i cert 0x1c0000a
      tpm2_getekcertificate -X -x -u ek.pub -o out >log 2>&1 || tpm2_nvread -C o -o out 0x1c0000a
      cmp cert out || { openssl x509 -in out -outform DER | cmp - cert; }
    `,
  },
]
