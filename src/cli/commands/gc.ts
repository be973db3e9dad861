import { collect } from '../../store/garbage.ts'
import { print, printJson, size } from '../print.ts'

export async function gc({ yes, json }: { yes?: boolean; json?: boolean }): Promise<void> {
  const found = await collect({ remove: yes ?? false })
  if (json) return printJson(found)
  print(`${found.objects} stored files (${size(found.bytes)}) and ${found.workFolders} work folders (${size(found.workBytes)}) ${yes ? 'were removed' : 'are not needed any more'}.`)
  if (!yes && found.objects + found.workFolders > 0) print('Remove them with: clitron gc --yes')
}
