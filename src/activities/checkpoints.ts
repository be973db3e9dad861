import { existsSync, readdirSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { NeedsPersonError } from '../errors.ts'
import type { ChildEvent } from '../process/protocol.ts'
import { type ArtifactStore, DamagedArtifact } from '../store/artifacts.ts'
import { writeAtomically } from '../store/atomic.ts'
import { readSealed, sealed } from '../store/json-file.ts'
import type { Ref } from '../store/ref.ts'
import type { StageContext } from './stage.ts'

interface Newest {
  name: string
  tree: Ref
}

/**
 * Keeps the newest complete checkpoint of a training in the artifact store, so that another host can go on.
 * The trainer's own folder is the cache: only when it has none is the stored one brought here.
 * @throws NeedsPersonError when the stored one is gone too: to begin again from step 0 is a person's decision
 */
export async function carryCheckpoints({ store, key, check }: Pick<StageContext, 'store' | 'key' | 'check'>, stage: string, folder: string): Promise<{ there: boolean; onEvent: (event: ChildEvent) => void; stored: () => Promise<void>; done: () => Promise<void> }> {
  const pointer = join(store.root, 'checkpoints', `${stage}-${key}.json`)
  const newest = () => readSealed<Newest>(pointer)
  await bringNewest(store, pointer, folder)

  let storing = Promise.resolve()
  return {
    there: localNewest(folder) !== undefined,
    onEvent: (event) => {
      if (event.event !== 'checkpoint') return
      const { path } = event
      // One after the other, and never in the trainer's way: a checkpoint that is gone before it was copied is superseded.
      storing = storing
        .then(async () => {
          const name = path.split('/').at(-1)!
          await check()
          const before = await newest()
          if (before && before.name > name) return
          const tree = await store.putTree(path, 'checkpoint')
          // Copying takes long, and this host may have been frozen meanwhile.
          await check()
          await writeAtomically(pointer, sealed({ name, tree } satisfies Newest))
          // Within hours they would fill a disk.
          if (before) await store.supersede(before.tree, tree)
        })
        .catch(() => {})
    },
    stored: () => storing,
    done: async () => {
      await storing
      await check()
      await rm(pointer, { force: true })
    },
  }
}

const localNewest = (folder: string) => (existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('checkpoint-')).sort().at(-1) : undefined)

async function bringNewest(store: ArtifactStore, pointer: string, folder: string): Promise<void> {
  for (;;) {
    const [stored, here] = [await readSealed<Newest>(pointer), localNewest(folder)]
    // Nothing was ever stored; a pointer that cannot be read says nothing of what this host has.
    if (!stored && (here || !existsSync(pointer))) return
    // What this host has may be of before the training moved to another one and back.
    if (stored && here && here >= stored.name) return
    if (stored && (await fetched(store, stored, folder))) return
    // Its host may just have stored a newer one.
    if (stored && (await readSealed<Newest>(pointer))?.tree.sha256 !== stored.tree.sha256) continue
    // An older one is better than none.
    if (here) return
    throw new NeedsPersonError(`The checkpoint that ${pointer} names is not in the store any more, and there is none in ${folder}. Bring the store's files back, or remove ${pointer} to begin again from step 0; then resume.`)
  }
}

async function fetched(store: ArtifactStore, { name, tree }: Newest, folder: string): Promise<boolean> {
  if (!(await store.has(tree, true))) return false
  // Killed on the way, a checkpoint fetched in part would pass for a damaged one.
  const beside = join(folder, `.${name}.fetched.tmp`)
  try {
    await store.fetchTree(tree, beside)
  } catch (error) {
    if (!(error instanceof DamagedArtifact)) throw error
    return false
  }
  await rename(beside, join(folder, name))
  return true
}

/** Without the variables, the trainers' own default. They change nothing of what comes out, so they are no part of a plan. */
export function checkpointInterval(): { checkpoint_seconds?: number; checkpoint_steps?: number } {
  const seconds = process.env.CLITRON_CHECKPOINT_SECONDS
  const steps = process.env.CLITRON_CHECKPOINT_STEPS
  return { ...(seconds && { checkpoint_seconds: Number(seconds) }), ...(steps && { checkpoint_steps: Number(steps) }) }
}
