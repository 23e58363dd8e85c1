// Tasks: keys and data objects. Made, loaded, kept, moved, imported; signatures, ciphers and key agreement checked by
// openssl.

/** Encrypted by the TPM as openssl does, and back. */
const againstOpenssl = mode => `
      cp iv iv1; tpm2_encryptdecrypt -c k.ctx -t iv1 -G ${mode} -o c m
      openssl enc -aes-128-${mode} -nopad -K $(hexof key) -iv $(hexof iv) -in m | cmp - c
      cp iv iv1; tpm2_encryptdecrypt -d -c k.ctx -t iv1 -G ${mode} -o d c
      cmp m d`

export default [
  {
    name: 'an ECC key signs, openssl verifies',
    steps: `
      tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_create -C p.ctx -G ecc -u k.pub -r k.priv
      tpm2_load -C p.ctx -u k.pub -r k.priv -c k.ctx -n name
      tpm2_readpublic -c k.ctx -f pem -o k.pem -n name2 && cmp name name2
      printf 'a message' >m
      tpm2_sign -c k.ctx -g sha256 -s ecdsa -f plain -o s m
      openssl dgst -sha256 -verify k.pem -signature s m
      tpm2_sign -c k.ctx -g sha256 -s ecdsa -o s.tss m
      tpm2_verifysignature -c k.ctx -g sha256 -m m -s s.tss -t ticket && [ $(head -c 2 ticket | hexof) = 8022 ]
      printf 'another' >n; fails 'signature' tpm2_verifysignature -c k.ctx -g sha256 -m n -s s.tss
      openssl dgst -sha256 -binary m >d
      tpm2_sign -c k.ctx -g sha256 -d -f plain -o s d && openssl dgst -sha256 -verify k.pem -signature s m
    `,
  },
  {
    name: 'a P-384 key signs with SHA-384',
    steps: `
      tpm2_createprimary -C e -g sha384 -G ecc384 -c p.ctx
      tpm2_create -C p.ctx -g sha384 -G ecc384:ecdsa-sha384 -u k.pub -r k.priv -c k.ctx
      tpm2_readpublic -c k.ctx -f pem -o k.pem
      printf 'a message' >m
      tpm2_sign -c k.ctx -g sha384 -f plain -o s m
      openssl dgst -sha384 -verify k.pem -signature s m
    `,
  },
  {
    name: 'an RSA key signs with RSASSA and RSAPSS, openssl verifies',
    steps: `
      tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_create -C p.ctx -G rsa2048 -u k.pub -r k.priv -c k.ctx
      tpm2_readpublic -c k.ctx -f pem -o k.pem
      printf 'a message' >m
      tpm2_sign -c k.ctx -g sha256 -s rsassa -f plain -o s m
      openssl dgst -sha256 -verify k.pem -signature s m
      tpm2_sign -c k.ctx -g sha256 -s rsapss -f plain -o s m
      openssl dgst -sha256 -verify k.pem -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-2 -signature s m
      tpm2_sign -c k.ctx -g sha256 -s rsapss -o s.tss m
      tpm2_verifysignature -c k.ctx -g sha256 -m m -s s.tss
    `,
  },
  {
    name: 'RSA encryption in both directions',
    steps: `
      tpm2_createprimary -C o -G rsa2048 -c p.ctx
      tpm2_create -C p.ctx -G rsa2048 -a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|decrypt' -u k.pub -r k.priv -c k.ctx
      tpm2_readpublic -c k.ctx -f pem -o k.pem
      printf 'a secret' >m
      tpm2_rsaencrypt -c k.ctx -s rsaes -o c m && tpm2_rsadecrypt -c k.ctx -s rsaes -o d c && cmp m d
      tpm2_rsaencrypt -c k.ctx -s oaep -o c m && tpm2_rsadecrypt -c k.ctx -s oaep -o d c && cmp m d
      openssl pkeyutl -encrypt -pubin -inkey k.pem -in m -out c && tpm2_rsadecrypt -c k.ctx -s rsaes -o d c && cmp m d
      openssl pkeyutl -encrypt -pubin -inkey k.pem -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -in m -out c
      tpm2_rsadecrypt -c k.ctx -s oaep -o d c && cmp m d
    `,
  },
  {
    name: 'data sealed and unsealed',
    steps: `
      tpm2_createprimary -C o -G ecc -c p.ctx
      printf 'the secret' >secret
      tpm2_create -C p.ctx -i secret -p pass -u s.pub -r s.priv
      tpm2_load -C p.ctx -u s.pub -r s.priv -c s.ctx
      tpm2_unseal -c s.ctx -p pass -o out && cmp secret out
      fails 'auth' tpm2_unseal -c s.ctx -p wrong
      head -c 128 /dev/urandom >most
      tpm2_create -C p.ctx -i most -u s.pub -r s.priv -c s.ctx
      tpm2_unseal -c s.ctx -o out && cmp most out
    `,
  },
  {
    name: 'the password of an object is changed',
    steps: `
      tpm2_createprimary -C o -G ecc -c p.ctx
      printf 'the secret' >secret
      tpm2_create -C p.ctx -i secret -p old -u s.pub -r s.priv -c s.ctx
      tpm2_changeauth -c s.ctx -C p.ctx -p old -r new.priv new
      tpm2_load -C p.ctx -u s.pub -r new.priv -c s2.ctx
      tpm2_unseal -c s2.ctx -p new -o out && cmp secret out
      fails 'auth' tpm2_unseal -c s2.ctx -p old
      tpm2_unseal -c s.ctx -p old
    `,
  },
  {
    name: 'a persistent key outlives a restart',
    steps: `
      tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_create -C p.ctx -G ecc -p pass -u k.pub -r k.priv -c k.ctx
      tpm2_evictcontrol -C o -c p.ctx 0x81000001
      tpm2_evictcontrol -C o -c k.ctx 0x81000002 -o k.handle
      tpm2_readpublic -c 0x81000002 -f pem -o k.pem
      tpm2_getcap handles-persistent >h && [ $(wc -l <h) = 2 ]
      @restart
      tpm2_startup -c
      tpm2_getcap handles-persistent >h && grep -q 0x81000002 h
      printf 'a message' >m
      tpm2_sign -c k.handle -p pass -g sha256 -f plain -o s m && openssl dgst -sha256 -verify k.pem -signature s m
      tpm2_load -C 0x81000001 -u k.pub -r k.priv -c k2.ctx
      tpm2_evictcontrol -C o -c 0x81000002
      tpm2_getcap handles-persistent >h && [ $(wc -l <h) = 1 ]
      fails 'handle' tpm2_readpublic -c 0x81000002
    `,
  },
  {
    name: 'keys of openssl loaded for a while',
    steps: `
      openssl ecparam -name prime256v1 -genkey -noout -out k.pem && openssl ec -in k.pem -pubout -out pub.pem
      printf 'a message' >m
      openssl dgst -sha256 -sign k.pem -out s m
      tpm2_loadexternal -C o -G ecc -u pub.pem -c pub.ctx -n name
      tpm2_verifysignature -c pub.ctx -g sha256 -m m -s s -f ecdsa
      tpm2_loadexternal -C n -G ecc -r k.pem -c k.ctx
      tpm2_sign -c k.ctx -g sha256 -f plain -o s2 m && openssl dgst -sha256 -verify pub.pem -signature s2 m
    `,
  },
  {
    name: 'an RSA key of openssl loaded for a while',
    steps: `
      openssl genrsa -out k.pem 2048 && openssl rsa -in k.pem -pubout -out pub.pem
      printf 'a message' >m
      openssl dgst -sha256 -sign k.pem -out s m
      tpm2_loadexternal -C o -G rsa -u pub.pem -c pub.ctx
      tpm2_verifysignature -c pub.ctx -g sha256 -m m -s s -f rsassa
      tpm2_loadexternal -C n -G rsa -r k.pem -c k.ctx
      tpm2_sign -c k.ctx -g sha256 -s rsassa -f plain -o s2 m && openssl dgst -sha256 -verify pub.pem -signature s2 m
    `,
  },
  {
    name: 'an ECC key of openssl imported under a parent',
    steps: `
      openssl ecparam -name prime256v1 -genkey -noout -out k.pem && openssl ec -in k.pem -pubout -out pub.pem
      tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_import -C p.ctx -G ecc -i k.pem -p pass -u k.pub -r k.priv
      tpm2_load -C p.ctx -u k.pub -r k.priv -c k.ctx
      printf 'a message' >m
      tpm2_sign -c k.ctx -p pass -g sha256 -f plain -o s m && openssl dgst -sha256 -verify pub.pem -signature s m
      tpm2_encodeobject -C p.ctx -u k.pub -r k.priv -p -o k.tss && grep -q 'BEGIN TSS2 PRIVATE KEY' k.tss
    `,
  },
  {
    name: 'RSA and AES keys imported under an RSA parent',
    steps: `
      openssl genrsa -out k.pem 2048 && openssl rsa -in k.pem -pubout -out pub.pem
      tpm2_createprimary -C o -G rsa2048 -c p.ctx
      tpm2_import -C p.ctx -G rsa -i k.pem -u k.pub -r k.priv && tpm2_load -C p.ctx -u k.pub -r k.priv -c k.ctx
      printf 'a message' >m
      tpm2_sign -c k.ctx -g sha256 -s rsassa -f plain -o s m && openssl dgst -sha256 -verify pub.pem -signature s m
      head -c 16 /dev/urandom >aes
      tpm2_import -C p.ctx -G aes -i aes -u a.pub -r a.priv && tpm2_load -C p.ctx -u a.pub -r a.priv -c a.ctx
      head -c 16 /dev/zero >iv
      tpm2_encryptdecrypt -c a.ctx -t iv -G cfb -o c m
      openssl enc -aes-128-cfb -K $(hexof aes) -iv $(hexof iv) -in m | cmp - c
    `,
  },
  {
    name: 'AES in all modes against openssl',
    steps: `
      head -c 16 /dev/urandom >key && head -c 16 /dev/urandom >iv && head -c 64 /dev/urandom >m
      tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_import -C p.ctx -G aes -i key -u k.pub -r k.priv && tpm2_load -C p.ctx -u k.pub -r k.priv -c k.ctx
      ${['cfb', 'cbc', 'ofb', 'ctr'].map(againstOpenssl).join('\n')}
      tpm2_encryptdecrypt -c k.ctx -G ecb -o c m && openssl enc -aes-128-ecb -nopad -K $(hexof key) -in m | cmp - c
    `,
  },
  {
    name: 'AES-256 with padding, openssl decrypts',
    steps: `
      head -c 32 /dev/urandom >key && head -c 16 /dev/urandom >iv && cp iv iv1
      tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_import -C p.ctx -G aes -i key -u k.pub -r k.priv && tpm2_load -C p.ctx -u k.pub -r k.priv -c k.ctx
      head -c 100 /dev/urandom >m
      tpm2_encryptdecrypt -e -c k.ctx -G cbc -t iv1 -o c m && [ $(wc -c <c) = 112 ]
      openssl enc -d -aes-256-cbc -K $(hexof key) -iv $(hexof iv) -in c | cmp - m
      tpm2_create -C p.ctx -G aes256cfb -u n.pub -r n.priv -c n.ctx && head -c 16 /dev/zero >zero
      cp zero iv1; tpm2_encryptdecrypt -c n.ctx -t iv1 -o c m && cp zero iv1 && tpm2_encryptdecrypt -d -c n.ctx -t iv1 -o d c && cmp m d
    `,
  },
  {
    name: 'HMAC with a known key against openssl, in one go and in parts',
    steps: `
      printf 'a key of some length' >key
      tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_import -C p.ctx -G hmac -i key -u k.pub -r k.priv
      tpm2_load -C p.ctx -u k.pub -r k.priv -c k.ctx
      printf 'a message' >m
      tpm2_hmac -c k.ctx -g sha256 -o h -t ticket m
      openssl dgst -sha256 -mac HMAC -macopt hexkey:$(hexof key) -binary m | cmp - h
      head -c 9000 /dev/urandom >big
      tpm2_hmac -c k.ctx -g sha256 -o h big
      openssl dgst -sha256 -mac HMAC -macopt hexkey:$(hexof key) -binary big | cmp - h
      tpm2_create -C p.ctx -G hmac -u h.pub -r h.priv -c h.ctx
      tpm2_hmac -c h.ctx --hex m | grep -Eq '^[0-9a-f]{64}$'
    `,
  },
  {
    name: 'a key duplicated to another parent',
    steps: `
      tpm2_createprimary -C o -G ecc -c old.ctx
      tpm2_createprimary -C o -G ecc384 -c new.ctx
      tpm2_create -C new.ctx -G ecc -a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|decrypt' -u np.pub -r np.priv -c np.ctx
      tpm2_startauthsession -S s.ctx && tpm2_policycommandcode -S s.ctx -L policy TPM2_CC_Duplicate && tpm2_flushcontext s.ctx
      tpm2_create -C old.ctx -G ecc -L policy -a 'sensitivedataorigin|userwithauth|sign|decrypt' -u k.pub -r k.priv -c k.ctx
      tpm2_readpublic -c k.ctx -f pem -o k.pem
      tpm2_startauthsession --policy-session -S s.ctx && tpm2_policycommandcode -S s.ctx TPM2_CC_Duplicate
      tpm2_duplicate -C np.ctx -c k.ctx -G null -p session:s.ctx -r dup.priv -s dup.seed && tpm2_flushcontext s.ctx
      tpm2_import -C np.ctx -u k.pub -i dup.priv -r moved.priv -s dup.seed -L policy
      tpm2_load -C np.ctx -u k.pub -r moved.priv -c moved.ctx
      printf 'a message' >m
      tpm2_sign -c moved.ctx -g sha256 -f plain -o s m && openssl dgst -sha256 -verify k.pem -signature s m
    `,
  },
  {
    name: 'duplication with an inner wrapper',
    steps: `
      tpm2_createprimary -C o -G ecc -c old.ctx && tpm2_createprimary -C e -G rsa2048 -c new.ctx
      tpm2_startauthsession -S s.ctx && tpm2_policycommandcode -S s.ctx -L policy TPM2_CC_Duplicate && tpm2_flushcontext s.ctx
      tpm2_create -C old.ctx -G ecc -L policy -a 'sensitivedataorigin|userwithauth|sign|decrypt' -u k.pub -r k.priv -c k.ctx
      head -c 16 /dev/urandom >inner
      tpm2_startauthsession --policy-session -S s.ctx && tpm2_policycommandcode -S s.ctx TPM2_CC_Duplicate
      tpm2_duplicate -C new.ctx -c k.ctx -G aes -i inner -p session:s.ctx -r dup.priv -s dup.seed && tpm2_flushcontext s.ctx
      tpm2_import -C new.ctx -u k.pub -i dup.priv -r moved.priv -s dup.seed -L policy -k inner
      tpm2_load -C new.ctx -u k.pub -r moved.priv -c moved.ctx
      tpm2_readpublic -c k.ctx -n a && tpm2_readpublic -c moved.ctx -n b && cmp a b
    `,
  },
  {
    name: 'key agreement, the same secret as openssl',
    steps: `
      tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_create -C p.ctx -G ecc256:ecdh -u k.pub -r k.priv -c k.ctx
      tpm2_ecdhkeygen -c k.ctx -u eph -o z1
      tpm2_ecdhzgen -c k.ctx -u eph -o z2 && cmp z1 z2
      tpm2_readpublic -c k.ctx -f pem -o k.pem
      openssl ecparam -name prime256v1 -genkey -noout -out o.pem
      openssl pkey -in o.pem -pubout -outform DER | tail -c 64 >xy
      { printf '\\0\\104\\0\\40'; head -c 32 xy; printf '\\0\\40'; tail -c 32 xy; } >point
      openssl pkeyutl -derive -inkey o.pem -peerkey k.pem -out shared
      tpm2_ecdhzgen -c k.ctx -u point -o z && [ $(head -c 36 z | tail -c 32 | hexof) = $(hexof shared) ]
    `,
  },
  {
    name: 'two-phase key agreement',
    steps: `
      tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_create -C p.ctx -G ecc256:ecdh -u k.pub -r k.priv -c k.ctx
      tpm2_ecephemeral -u eph.q -t counter ecc256
      tpm2_ecdhkeygen -c k.ctx -u qs -o z
      tpm2_ecdhkeygen -c k.ctx -u qe -o z
      tpm2_zgen2phase -c k.ctx -t $((16#$(hexof counter))) --static-public qs --ephemeral-public qe --output-Z1 z1 --output-Z2 z2
      tpm2_ecdhzgen -c k.ctx -u qs -o z && cmp z z1
    `,
  },
  {
    name: 'Commit and an anonymous signature',
    steps: `
      tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_create -C p.ctx -G ecc256:ecdaa4-sha256 -u k.pub -r k.priv -a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign' -c k.ctx
      tpm2_commit -c k.ctx -t counter -u E
      [ $(wc -c <counter) = 2 ] && [ $(head -c 4 E | hexof) = 00440020 ]
      printf 'a message' >m
      tpm2_sign -c k.ctx -g sha256 -s ecdaa --commit-index $((16#$(hexof counter))) -o s m
      [ $(head -c 2 s | hexof) = 001a ]
      fails . tpm2_sign -c k.ctx -g sha256 -s ecdaa --commit-index $((16#$(hexof counter))) -o s m
    `,
  },
  {
    name: 'an EC Schnorr signature',
    steps: `
      tpm2_createprimary -C o -G ecc -c p.ctx
      tpm2_create -C p.ctx -G ecc256:ecschnorr-sha256 -u k.pub -r k.priv -c k.ctx
      printf 'a message' >m
      tpm2_sign -c k.ctx -g sha256 -s ecschnorr -o s m && tpm2_verifysignature -c k.ctx -g sha256 -m m -s s
    `,
  },
  {
    name: 'the same seed gives the same primary, a unique value another',
    steps: `
      tpm2_createprimary -C o -G ecc -c a.ctx && tpm2_createprimary -C o -G ecc -c b.ctx
      tpm2_readpublic -c a.ctx -n a && tpm2_readpublic -c b.ctx -n b && cmp a b
      head -c 64 /dev/urandom >u && tpm2_createprimary -C o -G ecc -u u -c c.ctx 2>/dev/null || { { printf '\\40\\0'; head -c 32 u; printf '\\40\\0'; tail -c 32 u; } >uu; tpm2_createprimary -C o -G ecc -u uu -c c.ctx; }
      tpm2_readpublic -c c.ctx -n c && ! cmp -s a c
      tpm2_createprimary -C n -G ecc -c d.ctx && tpm2_readpublic -c d.ctx -n d -q q && ! cmp -s a d
    `,
  },
  {
    name: 'objects fill the slots until they are flushed',
    keep: true,
    steps: `
      fails 'memory' bash -c 'for i in $(seq 40); do tpm2_createprimary -C o -G ecc -c p$i.ctx || exit 1; done'
      tpm2_getcap handles-transient >h && [ $(wc -l <h) -ge 3 ]
      tpm2_flushcontext $(head -1 h | sed 's/^- //')
      tpm2_getcap handles-transient >h2 && [ $(wc -l <h2) = $(( $(wc -l <h) - 1 )) ]
      tpm2_flushcontext -t
      tpm2_getcap handles-transient >h && [ ! -s h ]
      tpm2_readpublic -c p1.ctx
    `,
  },
]
