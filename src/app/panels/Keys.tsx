// The key sheet, made from the list of actions.

import { ACTIONS } from '../actions.ts'
import { useSim } from '../hooks.ts'
import { type Motion, set, type Store } from '../store.ts'

const selectMotion = (s: Store) => s.motion
const MOTION: { readonly [M in Motion]: string } = { system: 'as the system asks', off: 'off', on: 'on' }

const selectKeys = (s: Store) => s.keys
const SHOWN: { readonly [key: string]: string } = {
  ArrowRight: '→',
  ArrowLeft: '←',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  PageDown: 'Page down',
  PageUp: 'Page up',
}
const show = (key: string): string =>
  key
    .split('+')
    .map(k => SHOWN[k] ?? (k.length === 1 ? k.toUpperCase() : k))
    .join(' + ')

const GROUPS = [
  ['time', 'Time'],
  ['view', 'View'],
  ['file', 'Commands and files'],
  ['power', 'Power'],
] as const

export function Keys() {
  const on = useSim(selectKeys)
  const motion = useSim(selectMotion)
  return (
    <div className="keys-body">
      <label className="switch">
        <input type="checkbox" checked={on} onChange={e => set({ keys: e.target.checked })} /> Keys are on
      </label>
      <label className="switch">
        Motion{' '}
        <select className="plain" value={motion} onChange={e => set({ motion: e.target.value as Motion })}>
          {Object.entries(MOTION).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {GROUPS.map(([group, title]) => (
        <section key={group}>
          <h3>{title}</h3>
          <dl>
            {ACTIONS.filter(a => a.group === group).map(a => (
              <div key={a.id}>
                <dt>
                  {a.keys.split(' ').map(k => (
                    <kbd key={k}>{show(k)}</kbd>
                  ))}
                </dt>
                <dd>{a.label}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <p className="mut">In the window, arrow keys move from byte to byte. Keys rest while you type.</p>
    </div>
  )
}
