// Bytes as a hex dump, sixteen a row, of which only the rows in sight are in the page: the window, a stream. And the window
// as a picture.

import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import type { Bytes } from '../../lib/bytes.ts'
import type { Machine } from '../../machine/machine.ts'
import { hex } from '../../view/format.ts'
import { contentLeaves, leafAt } from '../../view/packets.ts'
import { ROW, windowBytes } from '../../view/window.ts'
import { set } from '../store.ts'

const printable = (v: number): string => (v >= 0x20 && v < 0x7f ? String.fromCharCode(v) : '·')

interface Props {
  readonly bytes: Bytes
  /** Bytes from here on are older. */
  readonly fresh: number
  readonly selected: number | undefined
  /** Bytes that belong together, from and to. */
  readonly marked?: readonly [number, number]
  /** What a click on a byte does; without it, the byte of the window is selected. */
  readonly pick?: (at: number) => void
}

const select = (at: number): void => set({ selection: { kind: 'byte', at } })

export default function HexView({ bytes, fresh, selected, marked, pick = select }: Props) {
  const digits = bytes.length > 0x1000 ? 5 : 3
  const box = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: Math.ceil(bytes.length / ROW),
    getScrollElement: () => box.current,
    estimateSize: () => 24,
    overscan: 6,
  })
  useEffect(() => {
    if (selected !== undefined) rows.scrollToIndex(Math.floor(selected / ROW))
  }, [selected, rows])
  const items = rows.getVirtualItems()
  // What scrolls must be reachable: the selected byte is, or the first of those that are in the page.
  const there = selected !== undefined && items.some(i => i.index === Math.floor(selected / ROW))
  const reach = pick === select ? -1 : there ? selected : (items[0]?.index ?? 0) * ROW
  return (
    <div className="hex-scroll" ref={box}>
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {items.map(item => {
          const at = item.index * ROW
          const row = Array.from(bytes.slice(at, at + ROW))
          return (
            <div
              key={item.key}
              role="row"
              aria-rowindex={item.index + 1}
              className="hex-row"
              data-window-row={hex(at, digits)}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <span role="rowheader" className="offset">
                {hex(at, digits)}
              </span>
              {row.map((v, i) => (
                <span
                  key={i}
                  role="gridcell"
                  tabIndex={at + i === reach ? 0 : -1}
                  className={`hb${at + i >= fresh ? ' stale' : ''}${marked && at + i >= marked[0] && at + i < marked[1] ? ' marked' : ''}`}
                  aria-selected={selected === at + i}
                  id={selected === at + i ? 'window-selected' : undefined}
                  onClick={() => pick(at + i)}
                  onKeyDown={() => undefined}
                >
                  {hex(v, 2)}
                </span>
              ))}
              <span className="ascii" aria-hidden="true">
                {row.map(printable).join('')}
              </span>
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** One cell for sixteen bytes: what is filled, where small fields are, what is stale. */
export function Picture({ machine, selected }: { machine: Machine; selected: number | undefined }) {
  const { content } = machine
  const all = contentLeaves(machine)
  const bytes = windowBytes(machine)
  return (
    <div className="cells16" role="row">
      {Array.from({ length: Math.ceil(bytes.length / ROW) }, (_, i) => {
        const at = i * ROW
        const fresh = at < content.length
        const leaf = fresh ? leafAt(all, content.part + at) : undefined
        const state = fresh ? content.kind : bytes.slice(at, at + ROW).some(v => v !== 0) ? 'stale' : 'empty'
        const here = selected !== undefined && Math.floor(selected / ROW) === i
        return (
          <span
            key={at}
            role="gridcell"
            tabIndex={-1}
            className={`cell16 ${state}${leaf && leaf.length < 64 ? ' small' : ''}`}
            aria-selected={here}
            id={here ? 'window-selected' : undefined}
            aria-label={`${hex(at, 3)}: ${leaf?.name ?? state}`}
            title={`${hex(at, 3)}: ${leaf?.name ?? state}`}
            onClick={() => set({ selection: { kind: 'byte', at } })}
            onKeyDown={() => undefined}
          />
        )
      })}
    </div>
  )
}
