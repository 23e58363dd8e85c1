// Tasks: random numbers, self-tests, PCRs, hashes, clock, capabilities, raw commands.

export default [
  {
    name: 'random numbers',
    steps: `
      tpm2_getrandom -o a 32 && tpm2_getrandom -o b 32
      [ $(wc -c <a) = 32 ] && ! cmp -s a b
      [[ $(tpm2_getrandom --hex 8) =~ ^[0-9a-f]{16}$ ]]
      echo entropy | tpm2_stirrandom
      head -c 100 /dev/zero >z && tpm2_stirrandom z
      tpm2_getrandom -o c 32 && ! cmp -s b c
    `,
  },
  {
    name: 'self-tests',
    steps: `
      tpm2_selftest --fulltest
      tpm2_gettestresult | tee out && grep -q 'success' out
      tpm2_incrementalselftest sha256 aes ecc | tee out
      tpm2_selftest
    `,
  },
  {
    name: 'capabilities',
    steps: `
      tpm2_getcap -l
      tpm2_getcap algorithms >algs && grep -q '^sha256:' algs && grep -q '^ecc:' algs
      tpm2_getcap commands >cmds && grep -q 'TPM2_CC_GetRandom:' cmds
      tpm2_getcap pcrs >pcrs && grep -q 'sha256: \\[ 0, 1, 2,.* 23 \\]' pcrs
      tpm2_getcap properties-fixed >fixed && grep -A2 FAMILY_INDICATOR fixed | grep -q '"2.0"'
      tpm2_getcap properties-variable >var && grep -q 'phEnable: *1' var
      tpm2_getcap ecc-curves >curves && grep -q 'TPM2_ECC_NIST_P256: 0x3' curves
      tpm2_getcap handles-pcr >h && [ $(wc -l <h) = 24 ]
      for k in transient permanent persistent loaded-session saved-session nv-index; do tpm2_getcap handles-$k >h || exit 1; done
    `,
  },
  {
    name: 'PCRs are extended as openssl computes it',
    steps: `
      d=$(printf hello | openssl dgst -sha256 -r | cut -c1-64)
      tpm2_pcrread sha256:16 -o before && [ $(hexof before) = $(printf '0%.0s' {1..64}) ]
      tpm2_pcrextend 16:sha256=$d
      tpm2_pcrread sha256:16 -o after
      { cat before; echo $d | unhex; } | openssl dgst -sha256 -binary | cmp - after
      tpm2_pcrextend 16:sha256=$d 23:sha256=$d
      tpm2_pcrread sha256:23 -o p23 && cmp p23 after
      tpm2_pcrreset 16 23
      tpm2_pcrread sha256:16+sha256:23 -o both && cat before before | cmp - both
    `,
  },
  {
    name: 'an event is hashed and extended',
    steps: `
      printf 'an event' >event
      tpm2_pcrevent event >digests && grep -q "sha256: $(openssl dgst -sha256 -r event | cut -c1-64)" digests
      tpm2_pcrevent 8 event
      tpm2_pcrread sha256:8 -o after
      { head -c 32 /dev/zero; openssl dgst -sha256 -binary event; } | openssl dgst -sha256 -binary | cmp - after
    `,
  },
  {
    name: 'PCRs that may not be reset',
    steps: `
      fails 'locality|PCR' tpm2_pcrreset 0
      fails 'locality|PCR' tpm2_pcrreset 17
      fails 'locality' tpm2_pcrextend 17:sha256=$(printf '11%.0s' {1..32})
    `,
  },
  {
    name: 'PCR banks are allocated for the next start',
    steps: `
      tpm2_pcrallocate sha256:all+sha384:none >out
      tpm2_shutdown -c
      @restart
      tpm2_startup -c
      tpm2_getcap pcrs >pcrs && grep -q 'sha256: \\[ 0' pcrs && grep -q 'sha384: \\[ \\]' pcrs
      fails . tpm2_pcrread sha384:0 -o x || [ ! -s x ]
    `,
  },
  {
    name: 'hashes and their tickets',
    steps: `
      printf 'some data' >data
      for a in sha256 sha384 sha512; do tpm2_hash -C n -g $a -o h data && openssl dgst -$a -binary data | cmp - h || exit 1; done
      tpm2_hash -C o -g sha256 -t ticket -o h data && [ $(head -c 2 ticket | hexof) = 8024 ]
      [ "$(tpm2_hash -C n -g sha256 --hex data | tail -1)" = "$(openssl dgst -sha256 -r data | cut -c1-64)" ]
      head -c 50000 /dev/urandom >big
      tpm2_hash -C n -g sha256 -o h big && openssl dgst -sha256 -binary big | cmp - h
    `,
  },
  {
    name: 'a raw command, and an error in words',
    steps: `
      echo 80010000000c0000017b0004 | unhex >command
      tpm2_send -o response <command && [ $(head -c 12 response | hexof) = 8001000000100000000000 04 ] || [ $(wc -c <response) = 16 ]
      echo 80010000000a0000ffff | unhex | tpm2_send -o response
      [ $(hexof response) = 80010000000a00000143 ]
      tpm2_rc_decode 0x143 >words && grep -qi 'command code' words
    `,
  },
  {
    name: 'the clock runs, is set forward and never back',
    steps: `
      tpm2_readclock >a && grep -q 'safe: *yes' a
      sleep 0.1; tpm2_readclock >b
      [ $(awk '/^time/{print $2}' b) -gt $(awk '/^time/{print $2}' a) ]
      tpm2_setclock 100000000
      tpm2_readclock >c && [ $(awk '/ clock:/{print $2}' c) -ge 100000000 ]
      fails 'value' tpm2_setclock 1000
      tpm2_clockrateadjust ss
      tpm2_clockrateadjust f
      tpm2_clockrateadjust -c p s
    `,
  },
  {
    name: 'shut down and start again',
    steps: `
      tpm2_pcrextend 4:sha256=$(printf '22%.0s' {1..32})
      tpm2_pcrread sha256:4 -o before
      tpm2_shutdown
      @restart
      tpm2_startup
      tpm2_pcrread sha256:4 -o after && cmp before after
      tpm2_shutdown -c
      @restart
      tpm2_startup -c
      tpm2_pcrread sha256:4 -o after && ! cmp -s before after
      tpm2_getcap properties-variable >var && grep -q 'orderly: *1' var
    `,
  },
  {
    name: 'curve parameters and tests of parameters',
    steps: `
      tpm2_geteccparameters ecc256 -o p && hexof p | grep -q ffffffff00000001000000000000000000000000ffffffffffffffffffffffff
      tpm2_geteccparameters ecc384 -o p && hexof p | grep -q b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a
      tpm2_testparms ecc256
      tpm2_testparms ecc256:ecdsa
      tpm2_testparms aes128cfb
      tpm2_testparms hmac:sha256
    `,
  },
  {
    name: 'parameters of RSA',
    steps: `
      tpm2_testparms rsa2048
      tpm2_testparms rsa2048:rsassa-sha256
    `,
  },
  {
    name: 'structures and event logs in words',
    steps: `
      tpm2_createprimary -C o -G ecc -c p.ctx >out
      tpm2_readpublic -c p.ctx -f tss -o p.pub >words && grep -q 'value: ecc' words
      tpm2_print -t TPM2B_PUBLIC p.pub >words && grep -q 'curve-id' words
      { printf '\\0\\0\\0\\0\\3\\0\\0\\0'; head -c 20 /dev/zero; printf '\\41\\0\\0\\0Spec ID Event03\\0'; echo 0000000000020002 01000000 0b002000 00 | unhex; } >log
      tpm2_eventlog log >words && grep -q 'EV_NO_ACTION' words
    `,
  },
  {
    name: 'the hardware interface of swtpm',
    protocols: ['swtpm'],
    needs: ['swtpm_ioctl'],
    steps: `
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL -c | grep -q 'ptm capability is 0x'
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL -g | grep -q 0x0
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL -b 0 >size && grep -q 'TPM buffersize' size
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL --info 1 | grep -q '"family":"2.0"'
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL -e | grep -q 'tpmEstablished is 0'
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL -h 'a launch'
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL -e | grep -q 'tpmEstablished is 1'
      tpm2_pcrread sha256:17 -o p17
      { head -c 32 /dev/zero; printf 'a launch' | openssl dgst -sha256 -binary; } | openssl dgst -sha256 -binary | cmp - p17
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL -r 3
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL -e | grep -q 'tpmEstablished is 0'
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL -l 2
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL -l 0
      fails locality tpm2_pcrextend 20:sha256=$(printf '33%.0s' {1..32})
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL -v
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL --save permanent permanent
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL --save volatile volatile
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL --stop
      fails . tpm2_getrandom 4
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL --load permanent permanent
      swtpm_ioctl --tcp 127.0.0.1:$CONTROL -i
      fails 'not initialized' tpm2_getrandom 4
      tpm2_startup -c
      tpm2_getrandom --hex 4
    `,
  },
  {
    name: 'the physical interface of the simulator',
    protocols: ['mssim'],
    steps: `
      exec 3<>/dev/tcp/127.0.0.1/$CONTROL
      printf '\\0\\0\\0\\2' >&3; [ $(head -c 4 <&3 | hexof) = 00000000 ]
      fails . tpm2_getrandom --tcti=swtpm:host=127.0.0.1,port=$PORT 4
      tpm2_startup -c
      printf '\\0\\0\\0\\14' >&3; [ $(head -c 4 <&3 | hexof) = 00000000 ]
      printf '\\0\\0\\0\\21' >&3; [ $(head -c 4 <&3 | hexof) = 00000000 ]
      tpm2_startup -c
      tpm2_getrandom --hex 4
    `,
  },
  {
    name: 'localities, in the frame of the simulator',
    steps: `
      reset='8002 0000001b 0000013d 00000014 00000009 40000009 0000 00 0000'
      exec 3<>/dev/tcp/127.0.0.1/$PORT
      echo 00000008 00 0000001b $reset | unhex >&3; [ $(head -c 18 <&3 | hexof) = 0000000a80010000000a0000090700000000 ]
      echo 00000008 02 0000001b $reset | unhex >&3; [ $(head -c 8 <&3 | tail -c 4 | hexof) = 80020000 ]
      exec 3>&-
      fails locality tpm2_pcrreset 20
    `,
  },
  {
    name: 'through the resource manager',
    needs: ['tpm2-abrmd', 'dbus-run-session'],
    keep: true,
    steps: `
      printf '%s\\n' 'tpm2-abrmd --session --allow-root --tcti="$TPM2TOOLS_TCTI" >abrmd.log 2>&1 & pid=$!' 'export TPM2TOOLS_TCTI=tabrmd:bus_type=session' 'for i in $(seq 50); do tpm2_getrandom --hex 4 >/dev/null 2>&1 && break; sleep 0.1; done' 'set -e' 'tpm2_createprimary -C o -G ecc -c p.ctx' 'for i in 1 2 3 4 5; do tpm2_create -C p.ctx -G ecc -u k$i.pub -r k$i.priv; tpm2_load -C p.ctx -u k$i.pub -r k$i.priv -c k$i.ctx; done' 'printf x >m' 'for i in 1 2 3 4 5; do tpm2_sign -c k$i.ctx -g sha256 -o s$i m; tpm2_verifysignature -c k$i.ctx -g sha256 -m m -s s$i; done' 'tpm2_getcap handles-transient >h; [ ! -s h ]' 'kill $pid' >managed
      dbus-run-session -- bash managed
    `,
  },
]
