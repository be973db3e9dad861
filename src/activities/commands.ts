import { join } from 'node:path'
import { ownFile, packageRoot } from '../paths.ts'
import { secretName } from '../redact.ts'
import { ensurePython } from '../setup/python.ts'

/** `node src/dataset/run-assemble.ts` in the clone, `node dist/dataset/run-assemble.js` in the package. */
export function nodeCommand(script: string): { command: string; args: string[] } {
  return { command: process.execPath, args: [ownFile(script)] }
}

export async function pythonCommand(script: string): Promise<{ command: string; args: string[] }> {
  return { command: await ensurePython({}), args: [join(packageRoot, 'trainers', `${script}.py`)] }
}

/** Only these names of the worker's environment reach a child: no keys, no tokens. */
const allowed = /^(PATH|HOME|USER|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|LD_LIBRARY_PATH|LD_PRELOAD|DYLD_\w+|CUDA_\w+|NVIDIA_\w+|PYTORCH_\w+|OMP_NUM_THREADS|MKL_NUM_THREADS|MALLOC_\w+|XDG_CACHE_HOME|CLITRON_(HOME|CACHE|STORE|PYTHON|THREADS|FAULT\w*))$/

export function trainerEnvironment(): Record<string, string> {
  const environment: Record<string, string> = {
    PYTHONUNBUFFERED: '1',
    // Weights come only from the download step; a trainer never goes to the network.
    HF_HUB_OFFLINE: '1',
    TOKENIZERS_PARALLELISM: 'false',
    // glibc gives big tensors back to the system at once otherwise: 9% slower training.
    MALLOC_MMAP_THRESHOLD_: '1073741824',
    MALLOC_TRIM_THRESHOLD_: '1073741824',
    MALLOC_TOP_PAD_: '67108864',
  }
  // NVIDIA_API_KEY has an allowed beginning too.
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined && allowed.test(name) && !secretName.test(name)) environment[name] = value
  return environment
}
