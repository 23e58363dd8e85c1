// TPM2_FlushContext. Part 3, 28.4.

import { FlushContext } from '../../spec/commands/context.ts'
import { isSession } from '../../spec/handles.ts'
import { RC } from '../../spec/return-codes.ts'
import { implement } from '../command.ts'
import { badParameter } from '../errors.ts'

export const context = [
  implement(FlushContext, (c, _, { flushHandle }) => {
    if (isSession(flushHandle)) {
      if (!c.flushSession(flushHandle)) throw badParameter(1, RC.HANDLE)
      return
    }
    if (!c.slot(flushHandle)) throw badParameter(1, RC.HANDLE)
    c.flush(flushHandle)
  }),
]
