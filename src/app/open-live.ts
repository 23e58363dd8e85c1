// The ways to the parts of the page that follow `crbscope serve --live` and `crbscope bridge`: they come when asked for.

/** @param token from the page's address */
export const openLive = async (token: string): Promise<void> => (await import('./live.ts')).connect(token)
export const openBridge = async (token: string): Promise<void> => (await import('./bridge.ts')).connect(token)
