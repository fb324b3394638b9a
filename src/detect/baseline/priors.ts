import { SIGNALS, type Signal } from '../../smtp/causes.ts'

/**
 * What share of attempts fails where nothing is wrong, before there is history of one's own. Orders of magnitude from
 * published ESP benchmarks and postmaster pages; worth 300 attempts, so that history soon outweighs them.
 */
const ANYWHERE: Record<Signal, number> = {
  throttling: 0.008,
  blocking: 0.002,
  authentication: 0.0005,
  content: 0.001,
  list: 0.008,
  receiver: 0.002,
}

/** Providers that defer or refuse more, or less, than most as a matter of course. */
const AT: Record<string, Partial<Record<Signal, number>>> = {
  gmail: { throttling: 0.004, blocking: 0.001, list: 0.005 },
  microsoft: { blocking: 0.003 },
  yahoo: { throttling: 0.015, blocking: 0.001 },
  apple: { throttling: 0.003 },
  orange: { throttling: 0.02, blocking: 0.003 },
  't-online': { blocking: 0.003 },
  tonline: { blocking: 0.003 },
  other: { throttling: 0.01, blocking: 0.005, list: 0.013, receiver: 0.008 },
}

/** Usual rates in the order of SIGNALS. */
export function priorOf(provider: string): number[] {
  return SIGNALS.map((signal) => AT[provider]?.[signal] ?? ANYWHERE[signal])
}
