import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/index.ts'
import { textsOf } from '../support/slack-blocks.ts'
import { commandPayload, pressPayload, sendSigned } from '../support/slack-request.ts'
import { type FreshDatabase, freshDatabase } from '../support/store-databases.ts'
import { type Replica, startReplica } from '../support/store-process.ts'
import { openScene, type Scene } from '../support/store-scene.ts'

const PATIENCE_MS = 280_000
const TROUBLE = /Gmail defers \d+% of your .*mail from 203\.0\.113\.1$/m

/**
 * From the ESP's answer to the message that people act on, and back: a Bouncebell in a process of its own on PostgreSQL,
 * the real Bolt taking signed requests; Mailgun and Slack, which cannot be here, speak HTTP on loopback. Gmail defers one
 * IP's mail for an hour, and the keys of other accounts are refused for a while.
 */
describe('the whole loop', () => {
  let scene: Scene
  let database: FreshDatabase
  let replica: Replica
  let url: string
  let asked = 0

  beforeAll(async () => {
    // Good mail long after the trouble: what is over is told by evidence, not by silence.
    scene = await openScene({ lastEvent: 240 })
    database = await freshDatabase('PostgreSQL')
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    const told = scene.replica()
    const onPort = { ...told, config: { ...told.config, server: { port } } }
    replica = startReplica({ clock: scene.clock, replica: () => onPort }, database.options)
    await replica.ready
  })
  afterAll(async () => {
    await replica?.stop()
    await scene.close()
    await database.drop()
  })

  const roots = () => scene.slack.messages.filter(({ thread_ts }) => !thread_ts)
  const wordsOf = ({ blocks }: { blocks?: unknown }) => textsOf(blocks).join('\n')
  const thread = (ts: string) => scene.slack.messages.filter(({ thread_ts }) => thread_ts === ts).map(wordsOf)
  const find = (words: RegExp) => roots().find((message) => words.test(wordsOf(message)))

  /** Looks until there is something to see. */
  async function until<T>(look: () => T | undefined | false): Promise<T> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const found = look()
      if (found !== undefined && found !== false) return found
      if (performance.now() > deadline)
        throw new Error(`it did not come; there is:\n${roots().map(wordsOf).join('\n')}`)
      await wait(50)
    }
  }
  const send = (fields: object) =>
    sendSigned(`${url}/slack/events`, new URLSearchParams(fields as Record<string, string>).toString(), {
      secret: 'a-signing-secret-of-ours',
    })
  async function ask(text: string): Promise<string> {
    const responseUrl = scene.slack.responseUrl(`answer-${++asked}`)
    await send(commandPayload(text, responseUrl))
    const answer = await until(() => scene.slack.responses.find((response) => responseUrl.endsWith(response.url)))
    return wordsOf(answer.body)
  }

  it('posts what is wrong, where, why and what to do', async () => {
    const words = wordsOf(await until(() => find(TROUBLE)))
    expect(words).toMatch(TROUBLE)
    expect(words).toContain('421 4.7.28')
    expect(words).toContain('What to do now')
  })

  it('takes an acknowledgement from the message, and shows there who has it', async () => {
    const message = find(TROUBLE)!
    const button = (message.blocks as { type: string; elements: { action_id: string; value: string }[] }[])
      .filter(({ type }) => type === 'actions')
      .flatMap(({ elements }) => elements)
      .find(({ action_id }) => action_id.startsWith('acknowledge/'))
    const { action_id, value } = button!
    await send({
      payload: JSON.stringify(pressPayload({ action_id, value }, scene.slack.responseUrl('press'), message.ts)),
    })
    await until(() => / is on it\./.test(wordsOf(message)))
    await until(() => thread(message.ts).some((words) => words.includes('Acknowledged')))
  })

  it('answers what a reply means, how often it comes here, and which incident it is', async () => {
    const words = await ask('421 4.7.28')
    expect(words).toContain('What to do now')
    expect(words).toMatch(/incident [0-9a-v]{8}/)
    expect(await ask('status')).toContain('account-1')
  })

  it('says that it is blind where a key is refused, and that it sees again', async () => {
    const message = await until(() => find(/Data from account-1 is back/))
    await until(() => thread(message.ts).some((words) => words.includes('Data from account-1 is back')))
  })

  it('resolves in the same message, with the history in its thread', async () => {
    const message = await until(() => find(/Resolved: Gmail .* from 203\.0\.113\.1$/m))
    await until(() => thread(message.ts).some((words) => words.includes('Resolved')))
    expect(thread(message.ts).join('\n')).toMatch(/Acknowledged[\s\S]*Recovering[\s\S]*Resolved/)
  })

  it('has told every incident, each in one message', async () => {
    const { store } = await openStore(database.options)
    const incidents = await store.incidents.current(new Date(0))
    await store.close()
    const keys = roots().map(({ key }) => key)
    expect(incidents.map(({ id }) => id).toSorted()).toEqual(keys.toSorted())
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
