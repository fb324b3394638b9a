import type { Card } from './card.ts'

/** A short answer: something was done, or why it was not. */
export const doneCard = (title: string, ...text: string[]): Card => ({ title, tone: 'good', text })

export const refusalCard = (title: string, ...text: string[]): Card => ({ title, tone: 'warning', text })
