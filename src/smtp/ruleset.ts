import type { RuleFile } from './rule.ts'

/** The files in `rules/`, in the order in which they are asked within their layer. */
export const RULE_FILES: readonly Pick<RuleFile, 'name' | 'layer'>[] = []
