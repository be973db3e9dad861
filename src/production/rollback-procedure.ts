import { percent } from '../evaluation/format.ts'
import type { Section } from '../evaluation/evaluate.ts'
import type { Registry, Version } from '../registry/registry.ts'
import type { ArtifactStore } from '../store/artifacts.ts'
import { quote } from '../text.ts'
import { contentsOf, weightsFolder } from './contents.ts'

interface Rollback {
  store: ArtifactStore
  registry: Registry
  version: Version
  /** The package's own name. */
  folder: string
}

/** So many versions to go back to are looked at, the newest first. */
const most = 5

/** rollback_procedure.md: commands with versions that are there, each looked at when this was written. */
export async function rollbackProcedure({ store, registry: { name, champion, versions }, version, folder }: Rollback): Promise<string> {
  const others = versions.filter((other) => other.version !== version.version).slice(-most).reverse()
  const there: Version[] = []
  for (const other of others) if (await isWhole(store, other)) there.push(other)
  const shown = (other: Version) => `| ${other.version}${other.version === champion ? ', the champion' : ''}${other.version === version.version ? ', this one' : ''} | ${other.created.slice(0, 16).replace('T', ' ')} | ${score(other.scores.test)} | ${score(other.scores.golden)} | ${there.includes(other) || other === version ? 'yes' : 'no'} |`
  return `# Rolling back \`${name}\`

This folder is version ${version.version}. What there is, as \`npx clitron runs ${name}\` shows it, on the machine that packed it:

| version | made (UTC) | test split | golden set | can be packed |
| --- | --- | --- | --- | --- |
${[version, ...others].map(shown).join('\n')}

Go back when a bound of \`monitoring_setup.json\` is passed and neither load nor host explains it, or when answers are wrong that were right.

## At once

Nothing needs to be installed to stop acting on answers: treat every \`action\` \`execute\` as \`confirm\` until the other version serves.

## To another version

Let the service load a link, \`${name}-current/${weightsFolder}\`, so that going back is one step and nothing is copied over a folder in use.

${there.length ? there.map((other) => backTo(name, other, folder)).join('\n\n') : `There is no other version that can be packed. Keep this folder; the next one that is packed goes into another (\`npx clitron package ${name} ${quote(`${folder}-next`)}\`), and then this is what to go back to.`}

## Forward again

This folder stays as it is:

\`\`\`sh
npx clitron package ${name} ${quote(folder)} --check
ln -sfn ${quote(folder)} ${name}-current
\`\`\`

Which version is the champion, and so what \`npx clitron ask ${name}\` uses where it was trained, is not changed by any of this; \`npx clitron promote ${name} --model-version N\` changes it.
`
}

function backTo(name: string, { version }: Version, folder: string): string {
  const other = quote(`${folder}-version-${version}`)
  return `### Version ${version}

Where it was trained; it is smoke-tested like this one:

\`\`\`sh
npx clitron package ${name} ${other} --model-version ${version}
\`\`\`

Where it serves, with the folder copied beside this one; then restart the service:

\`\`\`sh
npx clitron package ${name} ${other} --check
ln -sfn ${other} ${name}-current
\`\`\``
}

/** A clean-up, or a disk, may have taken a part of it. */
async function isWhole(store: ArtifactStore, version: Version): Promise<boolean> {
  try {
    const { contents } = await contentsOf(store, version)
    for (const { sha256, bytes } of Object.values(contents)) if (!(await store.has({ uri: `cas:${sha256}`, sha256, bytes, kind: 'file' }))) return false
    return store.has(version.dataset, true)
  } catch {
    return false
  }
}

function score(section: unknown): string {
  const { n, equivalent } = (section ?? {}) as Partial<Section>
  return equivalent === undefined ? '-' : `${percent(equivalent)} of ${n}`
}
