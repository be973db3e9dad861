import { existsSync } from 'node:fs'
import { mkdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { InputError } from '../../errors.ts'
import { packageRoot, schemaFile } from '../../paths.ts'
import { writeAtomically } from '../../store/atomic.ts'
import { mcpTools } from '../../setup/mcp-tools.ts'
import { programHelp } from '../../setup/program-help.ts'
import { schemaFromHelp } from '../../tasks/cli/help/schema.ts'
import { splitWords } from '../../tasks/cli/shell-words.ts'
import { loadSchema } from '../../tasks/index.ts'
import { checkSchemaSize } from '../../tasks/schema-size.ts'
import { schemaFromTools } from '../../tasks/tools/from-tools.ts'
import { print, printJson, showProgress } from '../print.ts'

interface Options {
  /** A list of tools as JSON. */
  fromTools?: string
  /** The command that starts an MCP server. */
  fromMcp?: string
  /** An installed program. */
  fromHelp?: string
  json?: boolean
}

/**
 * Writes a commented schema that trains as it stands, and beside it, unless it is there, the JSON Schema by which editors complete and
 * check it. It is the starter of a command line, or what a list of tools, an MCP server or the `--help` of an installed program says.
 */
export async function init(name: string, { fromTools, fromMcp, fromHelp, json }: Options = {}): Promise<void> {
  const file = schemaFile(name)
  if ([fromTools, fromMcp, fromHelp].filter((from) => from !== undefined).length > 1) throw new InputError('A schema is made from one source: give --from-tools, --from-mcp or --from-help.')
  if (existsSync(file)) throw new InputError(`schemas/${name}.yaml is there already; nothing was changed.`)
  const text = fromTools !== undefined ? await toolsOf(name, fromTools) : fromMcp !== undefined ? await serverOf(name, fromMcp) : fromHelp !== undefined ? await helpOf(name, fromHelp) : starter(name)
  await mkdir('schemas', { recursive: true })
  // A copy: a path to the package would lead nowhere for others who share the folder, or once npx has cleared its cache.
  const known = fromTools === undefined && fromMcp === undefined ? 'schema.json' : 'tools.schema.json'
  const editorSchema = join(dirname(file), known)
  if (!existsSync(editorSchema)) await writeAtomically(editorSchema, await readFile(join(packageRoot, 'schemas', known)))
  await writeAtomically(file, text)
  if (json) return printJson({ name, file: `schemas/${name}.yaml` })
  print(`schemas/${name}.yaml is yours to edit. Next: clitron plan ${name}, then clitron train ${name}`)
}

/** What is written is a schema that trains; where a program's help leads to none, the error says what is in its way. */
async function helpOf(name: string, program: string): Promise<string> {
  const pages = await programHelp(program, { onProgress: process.stderr.isTTY ? showProgress : undefined })
  const text = schemaFromHelp(name, basename(program), pages)
  loadSchema({ name, file: `schemas/${name}.yaml`, text })
  return text
}

async function toolsOf(name: string, file: string): Promise<string> {
  const size = await stat(file).catch(() => undefined)
  if (!size?.isFile()) throw new InputError(`${file} cannot be read; --from-tools takes a JSON file with a list of tools.`)
  checkSchemaSize(file, size.size)
  return schemaFromTools({ name, file, text: await readFile(file, 'utf8') })
}

async function serverOf(name: string, command: string): Promise<string> {
  const words = splitWords(command, { comments: false })
  if (words.length === 0) throw new InputError('--from-mcp takes the command that starts an MCP server, like "npx -y some-server".')
  return schemaFromTools({ name, file: `tools of \`${command}\``, text: await mcpTools(words) })
}

const starter = (name: string) => `# yaml-language-server: $schema=./schema.json
# What "${name}" can do. Clitron makes from it a small model that turns people's words into these commands.
# Check it with \`npx clitron lint ${name}\`, see what it will make with \`npx clitron plan ${name}\`, train with \`npx clitron train ${name}\`.
cli_name: ${name}
description: Keep a list of tasks

# What the program may know about where it is asked (optional). An argument can name the field that fills it.
context:
  task.current_id:
    type: integer
    description: The task that is open at the moment

commands:
  - name: task
    description: Manage tasks
    synonyms: [todo, to-do, item] # nouns that people use for it
    subcommands:
      - name: list
        description: List tasks
        synonyms: [show, display, view] # verbs that people use for it
        args:
          - name: state
            type: enum
            values: [open, done, all]
            default: open # never written into an answer
            description: Filter by state
          - name: label
            type: string
            format: label # what kind of value: word, name, number, path, url, date, label, title, …
            repeatable: true
            description: Filter by label
            synonyms: [labelled, tagged]
          - name: limit
            type: integer
            default: 20
            description: How many to show
            synonyms: [at most, only]
        flags:
          - name: urgent
            short: u
            description: Only urgent tasks
            synonyms: [urgent ones only, that are urgent]
      - name: add
        description: Add a task
        synonyms: [create, make, new]
        args:
          - name: title
            type: string
            required: true
            positional: true
            format: title
            description: What is to be done
          - name: due
            type: string
            format: date
            description: When it is due
            synonyms: [due, by, until]
      - name: show
        description: Show one task
        synonyms: [view, open, look at]
        args:
          - name: id
            type: integer
            required: true
            positional: true
            description: Number of the task
            context: task.current_id # "show this task" is answered from the context
      - name: finish
        description: Mark a task as done
        synonyms: [complete, close, check off]
        args:
          - name: id
            type: integer
            required: true
            positional: true
            description: Number of the task
            context: task.current_id
      - name: delete
        description: Delete a task
        synonyms: [remove, drop, get rid of]
        args:
          - name: id
            type: integer
            required: true
            positional: true
            description: Number of the task
            context: task.current_id
        flags:
          - name: force
            short: f
            description: Do not ask first
            synonyms: [without asking, no questions asked]
  - name: export # a command without subcommands
    description: Write all tasks to a file
    synonyms: [save, dump]
    args:
      - name: file
        type: string
        required: true
        positional: true
        format: path
        description: Where to write
    flags:
      - name: json
        description: As JSON
        synonyms: [as json, in json format]
`
