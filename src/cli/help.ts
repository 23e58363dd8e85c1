// The help texts. Apart from the commands, so that --help loads nothing else.

export const HELP = `crbscope: how software talks to a TPM over the CRB interface, from the command line

Usage: crbscope COMMAND …

  bridge   hand the commands of the open page to a TPM outside: a simulator or a chip
  check    replay recordings against this build and count what agrees
  decode   explain the bytes of a command or response field by field
  run      play a scenario or recording without a screen
  serve    the TPM on loopback, for tpm2-tools and other software

  crbscope COMMAND --help   more about one command
  crbscope --version
`

export const COMMAND_HELP: Readonly<Record<string, string>> = {
  bridge: `crbscope bridge --to HOST:PORT [--protocol swtpm|mssim]
crbscope bridge --to /dev/tpmrm0

Serves the built page on loopback and prints its address. The machine in that page has the TPM outside passed through: each
command of its guest goes out, one at a time, and its answer comes back; virtual time stands still meanwhile. What the guest
changes there is changed. The page needs the address as it is printed: it holds a token.

  --to TPM        a TPM behind a socket, or the device of this computer's TPM
  --protocol P    of the socket: swtpm (default; commands as they are) or mssim (Microsoft's simulator, command port)

The TPM must have been started, as a host's firmware does: swtpm with --flags not-need-init,startup-clear, or
crbscope serve and tpm2_startup -c. Needs the built page (npm run build).
`,
  check: `crbscope check [--profile P] [--seeds FILE] [--show N] [--exclude FILE] FILE…

Replays recordings against this build. A file holds one JSON object a line; "-" is standard input.

  config.capChunk               a CRB register sequence: every read and the final digest
  cmdHex and rspHex             a TPM transcript: one for each compared line
  cmdHex with sameCmd           a line of a client that cannot be sent again: it parses, is written again as it was
                                and explained to the last byte; what follows from the lines before it is recomputed,
                                and told on a line "recomputed: …" at the end
  format "crbscope-recording"   a recording of this program: replays to its final digest

  --profile P     what the TPM implements: crbscope, libtpms-0.9, no-pqc, buffer-4096
                  (default crbscope; libtpms-0.9 for a file beside a seeds.json)
  --seeds FILE    primary seeds and proofs of the TPM (default: a seeds.json beside the file)
  --show N        how many differences to show in words (default 10)
  --exclude FILE  lines to leave out of the count, one a line: "NAME:LINE reason" or "ID reason",
                  where NAME is the name of the file and ID a sequence or test

The last line is "P passed, F failed". Exit code 1 if anything failed.
`,
  decode: `crbscope decode [HEX…] [--command CC]

Explains a command or response field by field: offset, bytes, name, value, source. Frames of TPM 1.2 (tags 00c1 to 00c6)
are known by their tag. HEX may have spaces, 0x, commas and
the offsets of a hex dump; without HEX it is read from standard input.

  --command CC    the bytes are the response to this command: its code (0x17c) or name (GetRandom);
                  of a TPM 1.2 likewise (0x65, TPM_GetCapability)

Malformed input is explained up to the field that is wrong; the exit code is then 1.
`,
  run: `crbscope run SCENARIO | FILE | - [--json FILE] [--events FILE] [--device qemu] [--window N]
crbscope run --list

Plays a scenario or recording without a screen.

  --list          the scenarios and what they show
  --json FILE     write the recording, which check accepts
  --events FILE   write the event table, one JSON object a line
  --device qemu   the device model (the only one in this version)
  --window N      size of the data window in bytes: 3968, 1024, 256 or 64
`,
  serve: `crbscope serve [--protocol swtpm|mssim] [--port P] [--host ADDRESS] [--profile P] [--seeds FILE] [--state FILE] [--live]

The TPM on loopback for unmodified software. Starts powered on, before any TPM2_Startup. Ends on SIGTERM or SIGINT.

  --protocol P    swtpm (default): commands on the port, control channel on the one after it;
                  mssim: Microsoft's simulator, command port and platform port
  --port P        the first of the two ports (default 2321)
  --host ADDRESS  a loopback address (default 127.0.0.1)
  --profile P     what the TPM implements: crbscope (default), libtpms-0.9, no-pqc, buffer-4096
  --seeds FILE    primary seeds and proofs of a fresh TPM
  --state FILE    keep the TPM in this file: made when it is not there; what a command stored in NV memory
                  is in it before the command is answered
  --key KEY       seal the state file under this key of 128, 192 or 256 bits; whoever lists processes may see it for
                  a moment: --key-file is better
  --key-file FILE the key, from a file: one line of hexadecimal digits, or its bytes
  --key-format F  hex (default) or binary
  --passphrase-file FILE
                  seal it under a key made by scrypt from the one line of this file
                  A plain state file is sealed when a key or passphrase comes with it. A sealed one is not read without
                  its own, and a sequence of blobs in clear not with one that it does not need.
  --live          show each command in a page, whose address is printed: a tool waits while one steps through its
                  command there; with no page open it is answered at once

  tpm2-tools: TPM2TOOLS_TCTI=swtpm:host=127.0.0.1,port=2321, after tpm2_startup -c
`,
}
