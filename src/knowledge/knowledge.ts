import { type Catalogue, createCatalogue } from '../lookup/catalogue.ts'
import { type Classifier, createClassifier } from '../smtp/classify/classify.ts'
import type { UserRule } from '../smtp/classify/rule.ts'
import { createMailboxes, type Mailboxes, type ProviderFacts } from '../smtp/mailbox.ts'
import { readCodeFiles } from './code-files.ts'
import { readProviders, readRuleFiles } from './rule-files.ts'

/** What Bouncebell knows of mail: rules, mailbox providers, codes. */
export interface Knowledge {
  classifier: Classifier
  mailboxes: Mailboxes
  providers: readonly ProviderFacts[]
  catalogue: Catalogue
}

/** Reads it from the files that come with Bouncebell; the user's own rules go first. */
export function loadKnowledge(user: readonly UserRule[]): Knowledge {
  const providers = readProviders()
  return {
    classifier: createClassifier({ files: readRuleFiles(), user }),
    mailboxes: createMailboxes(providers),
    providers,
    catalogue: createCatalogue(readCodeFiles()),
  }
}
