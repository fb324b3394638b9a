import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { judge } from '../support/audit-report.ts'

const root = new URL('../../', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, root), 'utf8')

describe('what Bouncebell is built from is pinned', () => {
  it('images by digest, with the exact version beside it', () => {
    const images = [...read('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
    expect(images.length).toBeGreaterThan(0)
    for (const image of images) expect(image).toMatch(/^[\w/]+:\d+\.\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}$/)
  })

  it('actions by commit, with the exact version beside it', () => {
    const folder = '.github/workflows/'
    const used = readdirSync(new URL(folder, root)).flatMap((name) => [
      ...read(`${folder}${name}`).matchAll(/uses: (.+)$/gm),
    ])
    expect(used.length).toBeGreaterThan(0)
    for (const [, action] of used) expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('packages by exact version', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json'))
    const versions = Object.values({ ...dependencies, ...devDependencies, ...optionalDependencies })
    for (const version of versions) expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/)
  })

  it('and the image has the Node.js that npm brings along elsewhere', () => {
    const { node } = JSON.parse(read('package.json')).optionalDependencies
    expect(read('Dockerfile')).toContain(`FROM node:${node}-`)
  })
})

describe('the judgment of what npm audit prints', () => {
  const found = (severity: string, via: unknown[]) => ({ severity, range: '<1.2.3', via, isDirect: true })
  const report = (vulnerabilities: object) => JSON.stringify({ auditReportVersion: 2, vulnerabilities, metadata: {} })

  it('fails on what is high or critical, and mentions the rest', () => {
    const advisory = { title: 'Prototype pollution', url: 'https://github.com/advisories/GHSA-x', severity: 'high' }
    expect(
      judge(report({ a: found('high', [advisory]), b: found('critical', ['a']), c: found('low', ['a']) })),
    ).toEqual({
      asked: true,
      problems: [
        'high: a <1.2.3: Prototype pollution https://github.com/advisories/GHSA-x',
        'critical: b <1.2.3: through a',
      ],
      notes: ['low: c <1.2.3: through a'],
    })
    expect(judge(report({}))).toEqual({ asked: true, problems: [], notes: [] })
  })

  it.each([
    ['{"message":"405 Method Not Allowed","statusCode":405}', '405 Method Not Allowed'],
    ['npm error network request failed\nmore', 'npm error network request failed'],
    ['', ''],
  ])('says that the registry could not be asked: %j', (printed, why) => {
    expect(judge(printed)).toEqual({
      asked: false,
      problems: [],
      notes: [`npm's registry could not be asked: ${why}`],
    })
  })
})
