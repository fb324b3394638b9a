import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ActionId, Card } from '../../src/cards/card.ts'
import type { Actor, Answer, ChannelRef, ChatPlatform, Inbound, MessageRef } from '../../src/ports/chat.ts'
import { Gone } from '../../src/ports/errors.ts'
import { alertCard, hostileCard, hugeCard, lookupCard } from '../support/sample-cards.ts'

/** What people see: the words of a message, and of its thread in order. */
export interface Shown {
  id: string
  words: string
  thread: string[]
}

/** A platform with its other end, as one test needs it. */
export interface ChatHarness {
  platform: ChatPlatform
  to: ChannelRef
  shown(): Promise<Shown[]>
  /** Answers that one person saw, in words. */
  answers(): Promise<string[]>
  type(text: string): Promise<void>
  /** Presses the button of that action on a message, or on the newest answer. */
  press(action: ActionId, on: MessageRef | 'answer'): Promise<void>
  deleteMessage(message: MessageRef): Promise<void>
  /** Throws where anything of the newest message would mention, link, format or run. */
  expectInert(card: Card): Promise<void>
  /** From now on the other end cannot be talked to. */
  breakDown(): Promise<void>
  close(): Promise<void>
}

/** A recording Inbound; tests set what it answers. */
export class Recorder implements Inbound {
  readonly commands: { text: string; actor: Actor }[] = []
  readonly actions: { id: ActionId; value: string; message: MessageRef | null; actor: Actor }[] = []
  answer: Answer | null = { card: lookupCard, show: 'actor' }

  async command(text: string, actor: Actor): Promise<Answer> {
    this.commands.push({ text, actor })
    return this.answer ?? { card: lookupCard, show: 'actor' }
  }

  async action(id: ActionId, value: string, message: MessageRef | null, actor: Actor): Promise<Answer | null> {
    this.actions.push({ id, value, message, actor })
    return this.answer
  }
}

const NEW = { mayExist: false }
const DOUBTFUL = { mayExist: true }
const alert = alertCard(new Date('2026-03-03T14:25:00Z'))
const acknowledged: Card = { ...alert, tone: 'info', title: 'Acknowledged: Yahoo slows your mail down' }

/** What every chat platform must do, whatever it is. */
export function describeChatPlatform(name: string, open: (inbound: Inbound) => Promise<ChatHarness>): void {
  describe(name, () => {
    let chat: ChatHarness
    let inbound: Recorder

    beforeEach(async () => {
      inbound = new Recorder()
      chat = await open(inbound)
    })
    afterEach(() => chat.close())

    it('posts a card with everything that it says', async () => {
      await chat.platform.post(chat.to, alert, 'k1', NEW)
      const [message] = await chat.shown()
      for (const words of [
        alert.title,
        ...(alert.text ?? []),
        ...(alert.quotes ?? []),
        alert.footer ?? '',
        'Snooze 1 h',
      ]) {
        expect(message?.words).toContain(words)
      }
      for (const field of alert.fields ?? []) expect(message?.words).toContain(field.value)
    })

    it('has one message after a try whose outcome is unknown is tried again', async () => {
      const first = await chat.platform.post(chat.to, alert, 'k1', NEW)
      const second = await chat.platform.post(chat.to, alert, 'k1', DOUBTFUL)
      expect(second).toEqual(first)
      expect(await chat.shown()).toHaveLength(1)
    })

    it('posts after a doubtful try that did not get through', async () => {
      await chat.platform.post(chat.to, alert, 'other', NEW)
      await chat.platform.post(chat.to, alert, 'k1', DOUBTFUL)
      expect(await chat.shown()).toHaveLength(2)
    })

    it('has a message for each key', async () => {
      const one = await chat.platform.post(chat.to, alert, 'k1', NEW)
      const two = await chat.platform.post(chat.to, alert, 'k2', NEW)
      expect(one.id).not.toBe(two.id)
      expect(await chat.shown()).toHaveLength(2)
    })

    it('changes a message in place', async () => {
      const message = await chat.platform.post(chat.to, alert, 'k1', NEW)
      await chat.platform.update(message, acknowledged)
      const shown = await chat.shown()
      expect(shown).toHaveLength(1)
      expect(shown[0]?.words).toContain(acknowledged.title)
      expect(shown[0]?.words).not.toContain(alert.title)
    })

    it('finds a message by its key even after it was changed', async () => {
      const message = await chat.platform.post(chat.to, alert, 'k1', NEW)
      await chat.platform.update(message, acknowledged)
      expect(await chat.platform.post(chat.to, alert, 'k1', DOUBTFUL)).toEqual(message)
    })

    it('says that a message is gone when a person deleted it', async () => {
      const message = await chat.platform.post(chat.to, alert, 'k1', NEW)
      await chat.deleteMessage(message)
      await expect(chat.platform.update(message, acknowledged)).rejects.toThrow(Gone)
      await expect(chat.platform.reply(message, acknowledged, 'r1', NEW)).rejects.toThrow(Gone)
    })

    it('replies in the thread, once per key, in order', async () => {
      const message = await chat.platform.post(chat.to, alert, 'k1', NEW)
      await chat.platform.reply(message, { title: 'Opened', tone: 'critical' }, 'r1', NEW)
      await chat.platform.reply(message, { title: 'Opened', tone: 'critical' }, 'r1', DOUBTFUL)
      await chat.platform.reply(message, { title: 'Resolved', tone: 'good' }, 'r2', DOUBTFUL)
      const [shown] = await chat.shown()
      expect(await chat.shown()).toHaveLength(1)
      expect(shown?.thread.map((words) => /Opened|Resolved/.exec(words)?.[0])).toEqual(['Opened', 'Resolved'])
    })

    it('shows what must be heard outside of the thread too, once per key, with who is to look', async () => {
      const message = await chat.platform.post(chat.to, alert, 'k1', NEW)
      const worse: Card = {
        title: 'Worse: Yahoo refuses your mail',
        tone: 'critical',
        text: ['It has become blocking.'],
      }
      const heard = { owner: { id: null, name: 'Ann' } }
      await chat.platform.reply(message, worse, 'r1', { ...NEW, heard })
      await chat.platform.reply(message, worse, 'r1', { ...DOUBTFUL, heard })
      await chat.platform.reply(message, { title: 'Better', tone: 'good' }, 'r2', NEW)
      const shown = await chat.shown()
      expect(shown.find(({ id }) => id === message.id)?.thread).toHaveLength(2)
      const aloud = shown.filter(({ id }) => id !== message.id)
      expect(aloud).toHaveLength(1)
      expect(aloud[0]?.words).toContain('It has become blocking.')
      expect(aloud[0]?.words).toContain('Ann')
    })

    it('shows hostile words as they are, in every place of a card', async () => {
      await chat.platform.post(chat.to, hostileCard, 'k1', NEW)
      await chat.expectInert(hostileCard)
    })

    it('posts a card beyond every limit, with its title', async () => {
      const message = await chat.platform.post(chat.to, hugeCard, 'k1', NEW)
      await chat.platform.update(message, hugeCard)
      const [shown] = await chat.shown()
      expect(shown?.words).toContain('xxxx')
    })

    it('posts the smallest card there is', async () => {
      await chat.platform.post(chat.to, { title: 'Quiet', tone: 'muted' }, 'k1', NEW)
      expect((await chat.shown())[0]?.words).toContain('Quiet')
    })

    it('hands a command on and shows the answer to who asked, only', async () => {
      await chat.type('421 4.7.0 <b> & "more"')
      await expect.poll(() => chat.answers()).toHaveLength(1)
      expect(inbound.commands).toMatchObject([
        { text: '421 4.7.0 <b> & "more"', actor: { platform: chat.platform.id } },
      ])
      expect((await chat.answers())[0]).toContain(lookupCard.title)
      expect(await chat.shown()).toEqual([])
    })

    it('hands a press on with its message, and shows nothing where there is nothing to show', async () => {
      inbound.answer = null
      const message = await chat.platform.post(chat.to, alert, 'k1', NEW)
      await chat.press('snooze-4h', message)
      await expect.poll(() => inbound.actions).toHaveLength(1)
      expect(inbound.actions[0]).toMatchObject({ id: 'snooze-4h', value: 'inc-1', message })
      expect(inbound.actions[0]?.actor.name).toBeTruthy()
      expect(await chat.answers()).toEqual([])
    })

    it('shares an answer with the channel', async () => {
      await chat.type('550')
      await expect.poll(() => chat.answers()).toHaveLength(1)
      inbound.answer = { card: { title: 'Shared: 550', tone: 'info' }, show: 'channel' }
      await chat.press('share', 'answer')
      await expect.poll(async () => (await chat.shown()).map(({ words }) => words).join()).toContain('Shared: 550')
      expect(inbound.actions).toMatchObject([{ id: 'share', value: '550', message: null }])
    })

    it('answers a ping while the other end is there, and says what is wrong when it is not', async () => {
      await expect(chat.platform.ping()).resolves.toBeUndefined()
      await chat.breakDown()
      await expect(chat.platform.ping()).rejects.toMatchObject({ remedy: expect.any(String) })
    })
  })
}
