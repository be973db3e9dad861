import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { execa } from 'execa'
import { InputError } from '../../errors.ts'
import { modelDir } from '../../paths.ts'
import { checkKnown } from '../schema.ts'
import { print, printJson } from '../print.ts'

export async function report(name: string, { open, json }: { open?: boolean; json?: boolean }): Promise<void> {
  await checkKnown(name)
  const page = modelDir(name, 'report.html')
  if (!existsSync(page)) throw new InputError(`There is no report of ${name} yet: \`clitron train ${name}\` makes it.`)
  if (json) return printJson(JSON.parse(await readFile(modelDir(name, 'report.json'), 'utf8')))
  print(page)
  if (open) await execa(process.platform === 'darwin' ? 'open' : 'xdg-open', [page], { detached: true, stdio: 'ignore', reject: false })
}
