import { z } from 'zod'

const advisorySchema = z.object({ title: z.string(), url: z.string() })
/** https://docs.npmjs.com/cli/commands/npm-audit: what we read of its report, version 2. */
const reportSchema = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.object({ severity: z.string(), range: z.string(), via: z.array(z.union([z.string(), advisorySchema])) }),
  ),
})

export interface Judgment {
  /** False where the registry did not answer. */
  asked: boolean
  /** High and critical advisories. */
  problems: string[]
  notes: string[]
}

/** What `npm audit --json` printed -> what to fail on, and what to mention. */
export function judge(printed: string): Judgment {
  const report = reportSchema.safeParse(json(printed))
  if (!report.success) {
    const message = z.object({ message: z.string() }).safeParse(json(printed)).data?.message
    const why = message ?? printed.trim().split('\n')[0] ?? ''
    return { asked: false, problems: [], notes: [`npm's registry could not be asked: ${why}`] }
  }
  const lines = Object.entries(report.data.vulnerabilities).map(([name, { severity, range, via }]) => {
    const because = via.map((each) => (typeof each === 'string' ? `through ${each}` : `${each.title} ${each.url}`))
    return {
      isSevere: severity === 'high' || severity === 'critical',
      text: `${severity}: ${name} ${range}: ${because.join('; ')}`,
    }
  })
  return {
    asked: true,
    problems: lines.filter(({ isSevere }) => isSevere).map(({ text }) => text),
    notes: lines.filter(({ isSevere }) => !isSevere).map(({ text }) => text),
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
