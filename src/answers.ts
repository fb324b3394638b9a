import type { Card } from './cards/card.ts'

export const lookup = (query: string): Card => ({ title: query, tone: 'info' })
export const wrong = (reply: string): Card => ({ title: reply, tone: 'info' })
