import { join } from 'node:path'
import { API } from 'typescript/unstable/sync'

/** Says whether the tree still compiles, and keeps what it knows of the files that did not change. */
export function createCompiler(root: string) {
  const config = join(root, 'tsconfig.json')
  const api = new API({ cwd: root })
  api.updateSnapshot({ openProjects: [config] })
  return {
    /** `files` are those whose types may depend on what changed, itself among them. */
    compiles(changed: readonly string[], files: readonly string[]): boolean {
      const snapshot = api.updateSnapshot({ fileChanges: { changed: changed.map((file) => join(root, file)) } })
      const program = snapshot.getProject(config)!.program
      return files.every(
        (each) =>
          program.getSyntacticDiagnostics(join(root, each)).length === 0 &&
          program.getSemanticDiagnostics(join(root, each)).length === 0,
      )
    },
    close: () => api.close(),
  }
}
