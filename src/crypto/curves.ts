// The curves: those of NIST (SP 800-186; P-192 of FIPS 186-4), and the Barreto-Naehrig curve of 256 bits for anonymous
// attestation (ISO/IEC 15946-5; TCG Algorithm Registry, TPM_ECC_BN_P256).

import { ecdsa, weierstrass } from '@noble/curves/abstract/weierstrass.js'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { registerCurve } from './ecc.ts'

/** 2^192 - 2^64 - 1. */
const P192 = {
  p: 0xfffffffffffffffffffffffffffffffeffffffffffffffffn,
  a: 0xfffffffffffffffffffffffffffffffefffffffffffffffcn,
  b: 0x64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1n,
  Gx: 0x188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012n,
  Gy: 0x07192b95ffc8da78631011ed6b24cdd573f977a11e794811n,
  n: 0xffffffffffffffffffffffff99def836146bc9b1b4d22831n,
  h: 1n,
}
/** 2^224 - 2^96 + 1. */
const P224 = {
  p: 0xffffffffffffffffffffffffffffffff000000000000000000000001n,
  a: 0xfffffffffffffffffffffffffffffffefffffffffffffffffffffffen,
  b: 0xb4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4n,
  Gx: 0xb70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21n,
  Gy: 0xbd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34n,
  n: 0xffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3dn,
  h: 1n,
}
const BN_P256 = {
  p: 0xfffffffffffcf0cd46e5f25eee71a49f0cdc65fb12980a82d3292ddbaed33013n,
  a: 0n,
  b: 3n,
  Gx: 1n,
  Gy: 2n,
  n: 0xfffffffffffcf0cd46e5f25eee71a49e0cdc65fb1299921af62d536cd10b500dn,
  h: 1n,
}

/** Made once, since a point belongs to the curve that made it. The hash is that of deterministic nonces only. */
const CURVES = [
  [0x0001, ecdsa(weierstrass(P192), sha256)],
  [0x0002, ecdsa(weierstrass(P224), sha256)],
  [0x0003, p256],
  [0x0004, p384],
  [0x0005, p521],
  [0x0010, ecdsa(weierstrass(BN_P256), sha256)],
] as const

/** What is signed comes as a digest. */
export function registerCurves(): void {
  for (const [id, curve] of CURVES) registerCurve(id, curve)
}
