// What a live TPM is doing, beside the sentence: which command a tool waits for, and whether commands are held; or which
// command went out to a TPM that is passed through, and what can be done when it does not come back.

import './Live.css'
import type { Live } from '../store.ts'

function Bridge({ live: { where, command, trouble, bridge } }: { live: Live }) {
  return (
    <div className="live" data-bridge-command={command ?? ''}>
      <span className="where one">TPM: {where}</span>
      <span className="what" role="status" title={trouble}>
        {trouble ? (
          <strong>no answer</strong>
        ) : command ? (
          <>
            <strong>{command.replace('TPM2_', '')}</strong>: the machine waits
          </>
        ) : (
          'nothing on its way'
        )}
      </span>
      {trouble && (
        <span className="ways">
          <button type="button" onClick={bridge?.retry}>
            Try again
          </button>
          <button type="button" onClick={bridge?.giveUp}>
            End the command
          </button>
        </span>
      )}
    </div>
  )
}

export default function LiveStrip({ live }: { live: Live }) {
  const { where, command, hold, trouble } = live
  if (live.bridge) return <Bridge live={live} />
  return (
    <div className="live" data-live-command={command ?? ''}>
      <span className="where">Live on {where}</span>
      <span className="what" role="status" title={command}>
        {trouble ? (
          <strong>{trouble}</strong>
        ) : command ? (
          <>
            <strong>{command.replace('TPM2_', '')}</strong>: the tool waits
          </>
        ) : (
          'waiting for a command'
        )}
      </span>
      <label>
        <input type="checkbox" checked={hold} onChange={e => live.setHold(e.target.checked)} /> Hold each command
      </label>
    </div>
  )
}
