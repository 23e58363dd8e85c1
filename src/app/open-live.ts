// The way to the part of the page that follows `crbscope serve --live`: it comes when it is asked for.

/** @param token from the page's address */
export const openLive = async (token: string): Promise<void> => (await import('./live.ts')).connect(token)
