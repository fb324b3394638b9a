/** A figure that issue 10 sets a bar for. */
interface Bar {
  name: string
  figure: number
  unit: string
  /** It is held where the figure is at most, or at least, that. */
  bound: 'most' | 'least'
  bar: number
}

/** What is printed at the end: a line for each bar. */
export interface Bars {
  hold(name: string, figure: number, most: number, unit: string): void
  reach(name: string, figure: number, least: number, unit: string): void
  lines(): string[]
  areHeld(): boolean
}

export function createBars(): Bars {
  const bars: Bar[] = []
  const isHeld = ({ figure, bound, bar }: Bar) => (bound === 'most' ? figure <= bar : figure >= bar)
  return {
    hold: (name, figure, bar, unit) => bars.push({ name, figure, unit, bound: 'most', bar }),
    reach: (name, figure, bar, unit) => bars.push({ name, figure, unit, bound: 'least', bar }),
    lines: () =>
      bars.map((each) => {
        const { name, figure, unit, bound, bar } = each
        const wanted = `${bound === 'least' ? '>= ' : ''}${amount(bar)} ${unit}`
        return `${isHeld(each) ? 'ok  ' : 'FAIL'} ${name} ${amount(figure)} ${unit} (${wanted})`
      }),
    areHeld: () => bars.every(isHeld),
  }
}

export const amount = (n: number): string => (n >= 100 ? String(Math.round(n)) : String(Number(n.toPrecision(2))))

/** A time for people. */
export const time = (ms: number): string => (ms < 1000 ? `${amount(ms)} ms` : `${amount(ms / 1000)} s`)

/** What issue 10 found before: by row, for 200, 2 000 and 10 000 slices on PostgreSQL and 200 on PGlite. */
export const BEFORE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'lookup 550 alone': {
    'PostgreSQL 200': '0.43 s',
    'PostgreSQL 2000': '2.5 s',
    'PostgreSQL 10000': '8.4 s',
    'PGlite 200': '1.8 s',
  },
  'lookup 20 at once': { 'PostgreSQL 200': '8.2 s', 'PostgreSQL 2000': '49 s', 'PGlite 200': '33 s' },
  'lookup 421 gmail alone': {
    'PostgreSQL 200': '0.14 s',
    'PostgreSQL 2000': '0.68 s',
    'PostgreSQL 10000': '2.2 s',
    'PGlite 200': '0.39 s',
  },
  'first watch': {
    'PostgreSQL 200': '34 s',
    'PostgreSQL 2000': '729 s, event loop 118 s',
    'PostgreSQL 10000': '365 s for two hours, event loop 341 s',
    'PGlite 200': '128 s',
  },
  ready: { 'PGlite 200': '128 s' },
  restart: { 'PostgreSQL 2000': '17 s, event loop 12 s' },
  'first roll-up': { 'PostgreSQL 200': '69 s', 'PostgreSQL 2000': '> 280 s' },
  'six hours again': { 'PostgreSQL 2000': '4 s, event loop 1.4 s', 'PostgreSQL 10000': '20 s, event loop 8 s, 2.4 GB' },
  disk: {
    'PostgreSQL 200': '0.6 GB',
    'PostgreSQL 2000': '4 GB, 105 MB per million',
    'PostgreSQL 10000': '14 GB',
    'PGlite 200': '1.6 GB, 1.1 of it WAL',
  },
  memory: {
    'PostgreSQL 200': '530 MiB',
    'PostgreSQL 2000': '990 MiB',
    'PostgreSQL 10000': '2400 MiB',
    'PGlite 200': '980 MiB',
  },
}
