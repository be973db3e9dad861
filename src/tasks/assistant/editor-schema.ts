import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { packageRoot } from '../../paths.ts'
import { AssistantYaml } from './schema.ts'

/** Where editors find it: `# yaml-language-server: $schema=./assistant.schema.json` in the first line of a YAML beside it. */
export const editorSchemaFile = join(packageRoot, 'schemas', 'assistant.schema.json')

/** JSON Schema of a training's YAML as people write it; `node src/tasks/assistant/editor-schema.ts` writes it. */
export function editorSchema(): string {
  const written = AssistantYaml.omit({ documents: true, left_out: true })
  return `${JSON.stringify({ title: 'A Clitron training of kind assistant', ...z.toJSONSchema(written, { io: 'input' }) }, null, 2)}\n`
}

if (import.meta.main) writeFileSync(editorSchemaFile, editorSchema())
