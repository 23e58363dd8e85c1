/** @returns absolute paths of the modules that the entry needs at once */
export function firstModules(root: string, entry: string): Set<string>
