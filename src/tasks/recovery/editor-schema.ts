import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { packageRoot } from '../../paths.ts'
import { RecoveryYaml } from './schema.ts'

/** Where editors find it: `# yaml-language-server: $schema=./recovery.schema.json` in the first line of a YAML beside it. */
export const editorSchemaFile = join(packageRoot, 'schemas', 'recovery.schema.json')

/** JSON Schema of a training's YAML; `node src/tasks/recovery/editor-schema.ts` writes it. */
export function editorSchema(): string {
  return `${JSON.stringify({ title: 'A Clitron training of kind recovery', ...z.toJSONSchema(RecoveryYaml, { io: 'input' }) }, null, 2)}\n`
}

if (import.meta.main) writeFileSync(editorSchemaFile, editorSchema())
