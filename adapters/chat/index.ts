import type { ChatDefinition } from '../../src/ports/chat.ts'
import { web } from './web/index.ts'

/** Every chat platform that a configuration may name. */
export const CHATS = [web] as const satisfies readonly ChatDefinition<unknown>[]
