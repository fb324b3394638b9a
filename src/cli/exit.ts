/** What the process ends with. */
export const EXIT = { done: 0, failed: 1, misused: 2 } as const
