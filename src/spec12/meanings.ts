// What the return codes of TPM 1.2 mean where a driver or an owner meets them. Part 2, 16; for reading only.

import { RC12 } from './codes.ts'

export const RETURN_MEANINGS: { readonly [code: number]: string } = {
  [RC12.AUTHFAIL]: 'the proof of the authorization is wrong, or no owner is there to give one',
  [RC12.BAD_PARAMETER]: 'a parameter has a value that is not allowed now',
  [RC12.CLEAR_DISABLED]: 'this way of clearing the owner was switched off',
  [RC12.DEACTIVATED]: 'the TPM is deactivated: it answers little until it was activated and started anew',
  [RC12.DISABLED]: 'the TPM is disabled',
  [RC12.DISABLED_CMD]: 'the command was switched off',
  [RC12.BAD_ORDINAL]: 'no such command in this TPM',
  [RC12.INSTALL_DISABLED]: 'taking ownership was switched off',
  [RC12.INVALID_KEYHANDLE]: 'no key under this handle: it is gone, or never was',
  [RC12.NOSRK]: 'there is no owner, and so no storage root key',
  [RC12.OWNER_SET]: 'there is an owner already',
  [RC12.FAILEDSELFTEST]: 'the self-test failed; only its result is told',
  [RC12.INVALID_AUTHHANDLE]: 'no authorization session under this handle',
  [RC12.INVALID_POSTINIT]: 'the TPM was started already, or not yet: the command comes at the wrong time',
  [RC12.BAD_PRESENCE]: 'nobody is physically present, and only who is may do this',
}
