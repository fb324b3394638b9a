import type { ZodType } from 'zod'
import type { ActionId, Card } from '../cards/card.ts'
import type { Clock } from './clock.ts'
import type { Journal } from './journal.ts'
import type { Log } from './log.ts'
import type { Routes } from './routes.ts'

/** `platform` is the id of the adapter; `channel` is in its own terms (`C0123`, `#alerts`, `web`). */
export interface ChannelRef {
  platform: string
  channel: string
}

/** A message that was posted; `id` is the platform's own (Slack: its timestamp). */
export interface MessageRef extends ChannelRef {
  id: string
}

/** Who pressed or typed. `id` is the platform's; `name` is shown. */
export interface Actor {
  platform: string
  id: string
  name: string
}

/** An answer to a person. `actor`: only they see it; `channel`: everybody. */
export interface Answer {
  card: Card
  show: 'actor' | 'channel'
  /** What takes the place of the answer whose button was pressed, for its one reader. */
  own?: Card
}

export interface Inbound {
  /** `text` is what follows `/smtp`. Never throws: a failure is a card that says so. */
  command(text: string, actor: Actor): Promise<Answer>
  /** A button. `message` is where it was pressed, null for an answer that only the actor sees. Null: nothing to show. */
  action(id: ActionId, value: string, message: MessageRef | null, actor: Actor): Promise<Answer | null>
}

export interface PostOptions {
  /**
   * True when an earlier try may have got through without our knowing (a crash, a timeout). A platform that can look
   * (Slack: message metadata carries the key) looks first, and answers with the message that is there.
   */
  mayExist: boolean
  signal?: AbortSignal
}

export interface ReplyOptions extends PostOptions {
  /**
   * It must reach people who do not follow the thread, as far as the platform's settings want it: shown outside of the
   * thread too, and calling who acknowledged the incident. `id` is null where that person is of another platform.
   */
  heard?: { owner: { id: string | null; name: string } | null }
}

export interface ChatPlatform {
  readonly id: string
  start(inbound: Inbound): Promise<void>
  stop(): Promise<void>
  /** The cheapest authenticated call; for doctor. */
  ping(): Promise<void>
  /** `key` names the thing posted, the same for every try. */
  post(to: ChannelRef, card: Card, key: string, options: PostOptions): Promise<MessageRef>
  /** Throws Gone if a person deleted the message. */
  update(message: MessageRef, card: Card): Promise<void>
  /** In the message's thread. */
  reply(message: MessageRef, card: Card, key: string, options: ReplyOptions): Promise<void>
}

export interface ChatContext {
  routes: Routes
  journal: Journal
  clock: Clock
  log: Log
}

export interface ChatDefinition<C> {
  /** The folder's name, and the key under `chat:` in the configuration. */
  id: string
  config: ZodType<C>
  open(config: C, context: ChatContext): ChatPlatform
}
