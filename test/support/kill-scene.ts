import { sqsKeys, startSqs } from './sqs-server.ts'
import { sesDelivery } from './sqs-ses-events.ts'
import { BEGIN, openScene, type ReplicaScene } from './store-scene.ts'

const QUEUE_SOURCE = 'queue'
/** A message that was received and not removed comes again after this. */
const HIDDEN_SECONDS = 5
const MINUTE_MS = 60_000

/** The scene, with a queue of SES events and the page beside what it has anyway. */
export async function openKillScene() {
  const scene = await openScene()
  const sqs = await startSqs()
  const queue = await sqs.createQueue()
  const sent: string[] = []
  const extended = {
    server: { port: 0 },
    sources: [
      ...scene.replica().config.sources,
      {
        id: QUEUE_SOURCE,
        type: 'ses',
        queueUrl: queue.url,
        region: 'us-east-1',
        visibilityTimeoutSeconds: HIDDEN_SECONDS,
        ...sqsKeys(),
      },
    ],
    chat: { ...scene.replica().config.chat, web: {} },
  }
  const replica = (dies?: ReplicaScene['dies']): ReplicaScene => {
    const told = scene.replica()
    return { ...told, config: { ...told.config, ...extended }, ...(dies ? { dies } : {}) }
  }
  return {
    ...scene,
    /** A process to start, which may be made to die. */
    dying: (dies: ReplicaScene['dies']) => ({ clock: scene.clock, replica: () => replica(dies) }),
    replica: () => replica(),
    queue,
    /** Publishes the events of one minute. */
    publish: async (minute: number, n = 6) => {
      const at = new Date(BEGIN + minute * MINUTE_MS)
      for (let i = 0; i < n; i++) {
        const event = { messageId: `message-${minute}-${i}`, recipients: [`reader${i}@gmail.com`], at }
        await queue.send(JSON.stringify(sesDelivery(event)))
      }
      sent.push(`${QUEUE_SOURCE} ${at.toISOString()} delivered ${n}`)
    },
    truth: () => [...scene.truth(), ...sent].sort(),
    close: async () => {
      await Promise.all([scene.close(), sqs.stop()])
    },
  }
}

export type KillScene = Awaited<ReturnType<typeof openKillScene>>
