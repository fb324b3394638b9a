import type { ChatDefinition } from '../../src/ports/chat.ts'
import { slack } from './slack/index.ts'
import { web } from './web/index.ts'

/** Every chat platform that a configuration may name. */
export const CHATS = [slack, web] as const satisfies readonly ChatDefinition<unknown>[]
