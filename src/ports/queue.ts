/** The queue of deliveries: `{ incidentId, to }`, one at a time per message. */
export const DELIVER_QUEUE = 'deliver'

/** A job that this replica has got. */
export interface TakenJob<T> {
  data: T
  /** Aborted when it must end: another replica will get it. */
  signal: AbortSignal
}

export interface WorkOptions<T> {
  /** How many of them at a time. */
  concurrency: number
  /** True where jobs may be sent to start later: nobody announces when their time has come, so it is looked for oftener. */
  startsLater?: boolean
  /** A job whose run fails is tried again as its queue says. */
  run(job: TakenJob<T>): Promise<void>
}

/** Work that waits in the database: each job is run by one replica. */
export interface JobQueue {
  /** Makes the queue of work that comes round: one job per key waits at most, and what fails is not tried again. */
  create(queue: string): Promise<void>
  /** Sends a job, unless one with that key waits already. */
  send(queue: string, data: object, key: string): Promise<void>
  /** Begins to take jobs. */
  work<T extends object>(queue: string, options: WorkOptions<T>): Promise<void>
  /** Takes no more, and comes back when those that were taken have ended. */
  stopWork(queue: string): Promise<void>
  /** What went wrong beside any job. */
  onError(listener: (error: unknown) => void): void
}
