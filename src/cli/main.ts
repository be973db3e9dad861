import { join } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { ExitCode, InputError } from '../errors.ts'
import { packageVersion } from '../package-version.ts'
import { stages } from '../plan.ts'
import { visible } from '../text.ts'
import { asTyped } from './as-typed.ts'
import { explain } from './explain.ts'
import { printJson, printedJson } from './print.ts'

const version = packageVersion()

/** Numbers are checked here, so that a mistyped one is a usage error and not a failed run. */
const whole = (text: string) => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.')
  return Number(text)
}
const dollars = (text: string) => {
  if (!/^\$?(\d{1,9}(\.\d+)?|\.\d+)$/.test(text) || Number(text.replace('$', '')) === 0) throw new InvalidArgumentError('Expected an amount of dollars above 0, like 10 or 2.50.')
  return Number(text.replace('$', ''))
}
const versions = (text: string) => {
  if (!/^\d{1,9}( *, *\d{1,9})+$/.test(text)) throw new InvalidArgumentError('Expected at least two version numbers, like 1,2,3.')
  const numbers = text.split(',').map(Number)
  const twice = numbers.find((number, index) => numbers.indexOf(number) < index)
  if (twice !== undefined) throw new InvalidArgumentError(`Expected different versions; ${twice} is named twice.`)
  return numbers
}
/** The Web UI's port is 1000 above. */
const port = (text: string) => {
  const value = whole(text)
  if (value < 1 || value > 64_535) throw new InvalidArgumentError('Expected a port between 1 and 64535.')
  return value
}

const examples = (...lines: string[]) => `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`

/** Options of `train` and of every single stage. Those of the teacher may be left out: a single stage goes on with what was told before. */
function trainOptions(command: Command, { teacher = true } = {}): Command {
  command
    .option('--num <n>', 'examples to make (default: about 100 a subcommand; twelve times as many from the offline teacher for a model from scratch)', whole)
    .option('--pairs <n>', 'preference pairs (default: 1000)', whole)
    .option('--quant <type>', 'llama.cpp quantization type (default: q4_k_m)')
    .option('--base <model>', 'scratch, a name of `clitron bases`, a hub id or a local folder (default: scratch)')
  if (teacher) {
    command
      .addOption(new Option('--teacher <who>', 'who writes the examples (default: offline)').choices(['offline', 'anthropic', 'import']))
      .option('--model <id>', 'the Anthropic model that writes the examples')
      .option('--batch', 'Anthropic Message Batches: half the price, slower')
      .option('--budget <dollars>', 'never spend more than this', dollars)
  }
  return command
    .option('--seed <n>', 'seed of everything random (default: 1)', whole)
    .option('--force', 'make the data afresh although it is there, on the newest revision of a base of the hub; a paid teacher is asked, and paid, anew')
    .option('--detach', 'start it and return at once')
    .option('--json', 'print one JSON document')
}

const does: Record<(typeof stages)[number], string> = {
  generate: 'make, validate and split the examples',
  sft: 'supervised fine-tuning',
  preferences: 'preference pairs from the fine-tuned model',
  dpo: 'preference tuning',
  quantize: 'merge, convert and quantize',
  eval: 'score the quantized file, or any rows with --data',
}

export function program(): Command {
  const root = new Command('clitron')
    .description('One YAML in, one small local model out that understands what your users say.')
    .version(version)
    .configureHelp({ sortSubcommands: false })
    .showSuggestionAfterError()
    .showHelpAfterError('(`clitron --help` lists the commands, `clitron COMMAND --help` shows examples)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => process.stdout.write(asTyped(text)), writeErr: (text) => process.stderr.write(asTyped(text)) })
    .addHelpText('after', examples('clitron train gh', 'clitron ask gh "show my open pull requests"', 'clitron train gh --base llama-3.2-1b --teacher anthropic --batch --budget 20'))

  trainOptions(root.command('train <name>').description('from schemas/NAME.yaml to an evaluated, quantized model, in one durable run'))
    .option('--rounds <n>', 'then at most so many rounds: more examples of what the validation split shows to fail, another training, the better one stays (default: what the gates of the schema say; 0: none)', whole)
    .option('--retrain', 'fresh data with a new seed, a challenger against the champion')
    .addHelpText('after', examples('clitron train gh', 'clitron train gh --num 5000 --quant q8_0', 'clitron train tamarind --rounds 3', 'clitron train gh --base meta-llama/Llama-3.2-1B-Instruct --teacher anthropic --batch --budget 20', 'clitron train gh --detach && clitron watch gh'))
    .action(async (name, options) => (await import('./commands/train.ts')).train('train', name, options))
  for (const stage of stages) {
    if (stage === 'eval') continue
    trainOptions(root.command(`${stage} <name>`).description(does[stage])).addHelpText('after', examples(`clitron ${stage} gh`))
      .action(async (name, options) => (await import('./commands/train.ts')).train(stage, name, options))
  }
  trainOptions(root.command('search <name>').description('try several settings of the fine-tuning, break hopeless ones off, say which is best'))
    .option('--vary <key=values>', 'a key of training/configs with the values to try, or one to settle it; as often as you like (default: what the schema says)', (text: string, before: string[]) => [...before, text], [])
    .option('--trials <n>', 'at most so many (default: 27)', whole)
    .addHelpText('after', examples('clitron search gh --vary training.muon_learning_rate=0.005,0.01,0.02 --vary training.steps=600', 'clitron search email-batches --base LiquidAI/LFM2-1.2B --trials 9'))
    .action(async (name, options) => (await import('./commands/search.ts')).search(name, options))
  // Scored as they are, rows and files have nothing that these options could change.
  const ofTheRun = ['num', 'pairs', 'quant', 'base', 'force', 'detach']
  // Its --model is the file that is scored. A teacher's model under the same name would be mistaken for it, so it has no teacher options; --budget is the judge's.
  trainOptions(root.command('eval <name>').description(does.eval), { teacher: false })
    .addOption(new Option('--data <file>', 'rows to score, in any form that `import` reads').conflicts(ofTheRun)).addOption(new Option('--model <file>', 'another model file, a GGUF (default: the trained one)').conflicts(ofTheRun))
    .addOption(new Option('--ensemble <versions>', 'let these versions of `runs` vote, and compare the vote with each of them').argParser(versions).conflicts(['model', 'gguf', ...ofTheRun]))
    .addOption(new Option('--gguf <file>', 'the same as --model').conflicts(['model', ...ofTheRun]).hideHelp())
    .addOption(new Option('--sample <n>', 'write so many answers for people to correct, instead of scoring; `import` reads them back. With --judge: so many are judged (default: 100)').argParser(whole).conflicts(['ensemble', 'untrained', ...ofTheRun])).option('--out <file>', 'where --sample writes (default: human_feedback.json)')
    .addOption(new Option('--untrained', 'with --model: any chat model as it was downloaded, with a prompt in place of a training, beside the trained one').conflicts(ofTheRun))
    .addOption(new Option('--judge [who]', 'after scoring, have a paid model judge a random sample of the answers: correct, complete, grounded').choices(['anthropic']).preset('anthropic').conflicts(['ensemble', 'untrained', 'out', ...ofTheRun]))
    .option('--judge-model <id>', 'the Anthropic model that judges').option('--budget <dollars>', 'with --judge: never spend more on judging this training', dollars)
    .addHelpText('after', examples('clitron eval gh', 'clitron eval gh --sample 50 --out human_feedback.json', 'clitron eval gh --data rows.jsonl --json', 'clitron eval gh --data rows.jsonl --model other/clitron-gh-q8_0.gguf', 'clitron eval gh --ensemble 1,2,3', 'clitron eval gh --model base.gguf --untrained', 'clitron eval starweave --judge --budget 2', 'clitron eval starweave --judge --sample 300 --seed 2 --budget 5 --json'))
    .action(async (name, { data, gguf, model = gguf, ensemble, sample, out, untrained, judge, judgeModel, budget, ...options }) => {
      if (out !== undefined && sample === undefined) throw new InputError('--out needs --sample with how many answers are to be written.')
      if (judge === undefined && (judgeModel ?? budget) !== undefined) throw new InputError(`${judgeModel === undefined ? '--budget' : '--judge-model'} needs --judge: nothing else is paid for here.`)
      if (options.seed !== undefined && judge === undefined && [data, model, ensemble, sample, untrained].some((given) => given !== undefined)) throw new InputError('--seed is for a run, or for the sample of --judge; rows are answered as they are. Leave it out.')
      if (untrained && model === undefined) throw new InputError('--untrained asks a chat model as it was downloaded: name its GGUF with --model FILE.')
      if (judge !== undefined) return (await import('./commands/eval-judge.ts')).evaluateJudged(name, { data, model, judgeModel, budget, sample, seed: options.seed, json: options.json })
      if (sample !== undefined) return (await import('./commands/sample.ts')).writeSample(name, { sample, out, data, model, json: options.json })
      if (ensemble !== undefined) return (await import('./commands/eval-ensemble.ts')).evaluateEnsemble(name, ensemble, { data, json: options.json })
      if (untrained) return (await import('./commands/eval-untrained.ts')).evaluateUntrained(name, model, { data, json: options.json })
      if (data !== undefined || model !== undefined) return (await import('./commands/eval.ts')).evaluateRows(name, { data, model, json: options.json })
      return (await import('./commands/train.ts')).train('eval', name, options)
    })

  root.command('ask <name> [question...]').description('answer a question with the trained model; nothing is executed unless you say so')
    .option('--data <file>', 'a file that is asked about, such as a batch of mails; words beside it say what of it is wanted')
    .option('--context <file>', 'context as a JSON file (default: collected here, without the network)').option('--no-context', 'answer without context')
    .option('--execute', 'run the command when the confidence allows it, asking first where it must').option('--model <path>', 'a bundle, its folder or a .gguf beside its clitron.json').option('--json', 'print one JSON document')
    .addHelpText('after', examples('clitron ask gh "show my open pull requests"', 'clitron ask gh "merge it" --context ctx.json --json', 'clitron ask gh "list issues labelled bug" --execute', 'clitron ask email-batches --data batch.json'))
    .action(async (name, words, options) => (await import('./commands/ask.ts')).askOnce(name, words.join(' '), options))
  root.command('import <name> <file>').description('check rows made elsewhere and add them; the rejected go to a file, with reasons').option('--json', 'print one JSON document')
    .addHelpText('after', examples('clitron import gh rows.jsonl', 'clitron import gh rows.jsonl && clitron train gh --teacher import'))
    .action(async (name, file, options) => (await import('./commands/import.ts')).importFile(name, file, options))
  root.command('pilot <name>').description('20 examples on the screen, how many were accepted, and what the whole would cost; nothing else')
    .addOption(new Option('--teacher <who>', 'who writes them').choices(['offline', 'anthropic']).default('offline')).option('--model <id>', 'the Anthropic model').option('--num <n>', 'examples of the whole', whole).option('--budget <dollars>', 'never spend more than this', dollars).option('--batch', 'price of the whole by Message Batches').option('--seed <n>', 'seed', whole).option('--json', 'print one JSON document')
    .addHelpText('after', examples('clitron pilot gh', 'clitron pilot gh --teacher anthropic --budget 1'))
    .action(async (name, options) => (await import('./commands/pilot.ts')).pilot(name, options))
  root.command('plan <name>').description('rows, calls, dollars, minutes and gigabytes, before anything is spent')
    .option('--num <n>', 'examples', whole).option('--base <model>', 'base model').addOption(new Option('--teacher <who>', 'who writes the examples').choices(['offline', 'anthropic', 'import'])).option('--model <id>', 'the Anthropic model').option('--batch', 'Message Batches').option('--seed <n>', 'seed', whole).option('--rounds <n>', 'rounds of improvement after the training', whole).option('--json', 'print one JSON document')
    .addHelpText('after', examples('clitron plan gh', 'clitron plan tamarind --rounds 3', 'clitron plan gh --teacher anthropic --batch --base llama-3.2-1b'))
    .action(async (name, options) => (await import('./commands/plan.ts')).showPlan(name, options))

  for (const verb of ['pause', 'resume', 'cancel'] as const) {
    const about = { pause: 'stop at a checkpoint and wait', resume: 'go on after a pause, or once what it waited for is mended', cancel: 'end the run; what is done stays done' }[verb]
    const command = root.command(`${verb} <name>`).description(about).option('--json', 'print one JSON document').addHelpText('after', examples(`clitron ${verb} gh`))
    if (verb === 'resume') command.option('--budget <dollars>', 'a new hard limit', dollars)
    command.action(async (name, options) => (await import('./commands/control.ts')).control(verb, name, options))
  }
  root.command('status [name]').description('what is running, what happened, what to do').option('--json', 'print one JSON document').addHelpText('after', examples('clitron status', 'clitron status gh --json'))
    .action(async (name, options) => (await import('./commands/status.ts')).status(name, options))
  root.command('watch <name>').description('follow a run live; Ctrl-C leaves it running').option('--json', 'print one JSON document at the end').addHelpText('after', examples('clitron watch gh'))
    .action(async (name, options) => (await import('./commands/watch.ts')).watch(name, options))

  root.command('init <name>').description('a commented schema to start from').option('--from-tools <file>', 'the functions of a list of tools (JSON: as for an API, or an MCP server\'s tools/list)').option('--from-mcp <command>', 'the tools of an MCP server that this command starts').option('--from-help <program>', 'the commands and options that an installed program shows with --help').option('--json', 'print one JSON document').addHelpText('after', examples('clitron init demo && clitron plan demo && clitron train demo', 'clitron init home --from-tools tools.json', 'clitron init files --from-mcp "npx -y some-mcp-server ."', 'clitron init docker --from-help docker'))
    .action(async (name, options) => (await import('./commands/init.ts')).init(name, options))
  root.command('schemas').description('the trainings of this folder').option('--json', 'print one JSON document').addHelpText('after', examples('clitron schemas', 'clitron schemas --json')).action(async (options) => (await import('./commands/schemas.ts')).schemas(options))
  root.command('bases').description('base models to choose from, with what they need on this host').option('--json', 'print one JSON document').addHelpText('after', examples('clitron bases', 'clitron train gh --base smollm2-135m')).action(async (options) => (await import('./commands/bases.ts')).listBases(options))
  root.command('doctor').description('check everything; each fault with the one command that mends it').option('--base <model>', 'estimate for this base').option('--json', 'print one JSON document').addHelpText('after', examples('clitron doctor', 'clitron doctor --base llama-3.2-1b')).action(async (options) => (await import('./commands/doctor.ts')).runDoctor(options))
  root.command('up').description('start server and worker in the background').option('--port <n>', 'port of the server (default 7233, or the next free one)', port).option('--json', 'print one JSON document').addHelpText('after', examples('clitron up', 'clitron up --port 7300')).action(async (options) => (await import('./commands/up.ts')).start(options))
  root.command('down').description('stop them; runs go on with the next `up`').option('--json', 'print one JSON document').addHelpText('after', examples('clitron down')).action(async (options) => (await import('./commands/up.ts')).stop(options))
  root.command('worker').description('a worker in the foreground, for hosts of a cluster').addOption(new Option('--role <role>', 'what it serves').choices(['pipeline', 'gpu', 'all']).default('all')).addHelpText('after', examples('TEMPORAL_ADDRESS=temporal:7233 CLITRON_STORE=/mnt/clitron clitron worker --role gpu'))
    .action(async (options) => (await import('./commands/worker.ts')).worker(options.role))
  root.command('codec').description('show encoded payloads in the Web UI and the `temporal` command; or make a key for them')
    .option('--new-key', 'put a fresh key into CLITRON_CODEC_KEY_FILE, or into this folder\'s .clitron').option('--port <n>', 'port on this machine (default 8081)', port).option('--web-ui <url>', 'the Web UI that may ask (default: that of this folder\'s own server)').option('--json', 'print one JSON document')
    .addHelpText('after', examples('clitron codec --new-key', 'clitron codec', 'clitron codec --web-ui https://cloud.temporal.io'))
    .action(async (options) => (await import('./commands/codec.ts')).codec(options))
  root.command('runs <name>').description('every version: configuration, data, scores').option('--best-practices <file>', 'write what changes from version to version brought, with intervals, as a page').option('--json', 'print one JSON document')
    .addHelpText('after', examples('clitron runs gh', 'clitron runs gh --best-practices best_practices.md'))
    .action(async (name, { bestPractices, ...options }) => {
      const { runs, writeBestPractices } = await import('./commands/runs.ts')
      return bestPractices === undefined ? runs(name, options) : writeBestPractices(name, bestPractices, options)
    })
  root.command('promote <name>').description('let another version answer, an earlier one for instance').requiredOption('--model-version <n>', 'its number in `clitron runs`', whole).option('--json', 'print one JSON document')
    .addHelpText('after', examples('clitron promote gh --model-version 1'))
    .action(async (name, options) => (await import('./commands/promote.ts')).promote(name, options))
  root.command('export <name> <folder>').description('a version of the data with all that is known of it, as a folder for git with LFS').option('--data-version <hash>', 'the beginning of its hash, as `clitron runs` shows it (default: the champion\'s)').option('--json', 'print one JSON document')
    .addHelpText('after', examples('clitron export gh gh-data', 'cd gh-data && git init && git lfs install --local && git add . && git commit -m "first data"', 'clitron export gh gh-data --data-version 1f0c9a2b'))
    .action(async (name, folder, options) => (await import('./commands/export.ts')).exportData(name, folder, options))
  root.command('package <name> <folder>').description('a version of the model as a folder to deploy, smoke-tested and measured as it lies there, with guides')
    .option('--model-version <n>', 'its number in `clitron runs` (default: the champion)', whole).option('--seconds <n>', 'length of each part of the load test', whole, 10)
    .option('--check', 'test a folder that was packed before, on this machine; writes nothing').option('--json', 'print one JSON document')
    .addHelpText('after', examples('clitron package gh production_model', 'clitron package gh production_model-version-2 --model-version 2', 'clitron package gh production_model --check --seconds 60'))
    .action(async (name, folder, options) => (await import('./commands/package.ts')).packageModel(name, folder, options))
  root.command('report <name>').description('the report of the current model').option('--open', 'open it in the browser').option('--json', 'print report.json').addHelpText('after', examples('clitron report gh --open', 'clitron report gh --json')).action(async (name, options) => (await import('./commands/report.ts')).report(name, options))
  root.command('ledger').description('paid calls by model and day, and what is left of each budget').option('--json', 'print one JSON document').addHelpText('after', examples('clitron ledger')).action(async (options) => (await import('./commands/ledger.ts')).ledger(options))
  root.command('gc').description('what nothing refers to any more (a dry run; --yes removes it)').option('--yes', 'remove it').option('--json', 'print one JSON document').addHelpText('after', examples('clitron gc', 'clitron gc --yes')).action(async (options) => (await import('./commands/gc.ts')).gc(options))
  root.command('lint <name>').description('check a schema and its golden set').option('--installed', 'also against the help of the program that is installed').option('--json', 'print one JSON document').addHelpText('after', examples('clitron lint gh', 'clitron lint gh --installed')).action(async (name, options) => (await import('./commands/lint.ts')).lint(name, options))
  root.command('inspect <name>').description('the dataset and what the trainer sees of it; or what a folder of your own files holds').option('--rows <n>', 'rows to show', whole, 5)
    .option('--data <folder>', 'a folder of files to find out about (batches of mails): figures and a page go to training/data/NAME/inspect').option('--analysis <file>', 'their analyses: a JSON list, an object by batch or JSON Lines (default: the file of the folder that is called analysis)')
    .option('--make <n>', 'write so many made-up files with known truth into the folder instead', whole).option('--seed <n>', 'seed of --make', whole, 1).option('--json', 'print one JSON document')
    .addHelpText('after', examples('clitron inspect gh', 'clitron inspect gh --rows 20', 'clitron inspect email-batches --data batches/', 'clitron inspect email-batches --make 100 --data batches/'))
    .action(async (name, { data, analysis, make, seed, ...options }) => {
      if (data === undefined && (make !== undefined || analysis !== undefined)) throw new InputError('--make and --analysis need --data with the folder of the files.')
      if (make !== undefined) return (await import('./commands/inspect-data.ts')).makeData(name, { data, make, seed, json: options.json })
      if (data !== undefined) return (await import('./commands/inspect-data.ts')).inspectData(name, { data, analysis, json: options.json })
      return (await import('./commands/inspect.ts')).inspect(name, options)
    })
  return root
}

/** Runs one command and returns its exit code. */
export async function main(argv: string[]): Promise<number> {
  process.exitCode = ExitCode.ok
  // `clitron … | head` closes the pipe: nobody reads any more, which is no fault.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? ExitCode.ok : ExitCode.failed))
  const json = argv.includes('--json')
  const fail = (type: string, message: string) => {
    if (json && !printedJson()) printJson({ error: { type, message } })
  }
  try {
    const root = program()
    if (argv.length === 0) root.outputHelp()
    else await root.parseAsync(argv, { from: 'user' })
    return Number(process.exitCode ?? ExitCode.ok)
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return ExitCode.ok
      fail('BadInput', asTyped(error.message.replace(/^error: /, '')))
      return ExitCode.usage
    }
    const { message, code, type } = explain(error)
    fail(type, message)
    process.stderr.write(`${visible(message, { lines: true })}\n`)
    return code
  }
}
