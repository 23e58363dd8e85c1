// Types of the static server, for the benches that use it.
import type { Server } from 'node:http'
export const root: string
export const dist: string
export function serve(options: { port: number; base?: string }): Promise<{ server: Server; url: string }>
