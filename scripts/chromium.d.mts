// Types of chromium.mjs for the TypeScript configuration files that import it.

export function works(path: string): boolean
export function chromiumPath(): string | undefined
