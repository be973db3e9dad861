# The specification's spelling of Clitron's commands: just train name=gh num=5000 quant=q8_0
# just hands key=value over as it stands; bin/just-args.js turns it into options.
set positional-arguments

# List the recipes
default:
    @just --list

# From schemas/NAME.yaml to an evaluated, quantized model
train *args:
    @node bin/just-args.js train "$@"

# Make the examples (nothing to do when they are there)
train-generate *args:
    @node bin/just-args.js generate "$@"

# Make the examples afresh
train-generate-force *args:
    @node bin/just-args.js generate --force "$@"

# Supervised fine-tuning
train-sft *args:
    @node bin/just-args.js sft "$@"

# Preference pairs from the fine-tuned model
train-generate-preferences *args:
    @node bin/just-args.js preferences "$@"

# Preference tuning
train-dpo *args:
    @node bin/just-args.js dpo "$@"

# Merge, convert and quantize
train-quantize *args:
    @node bin/just-args.js quantize "$@"

# Score the quantized model
train-eval *args:
    @node bin/just-args.js eval "$@"

# The trainings of this folder
train-list-schemas *args:
    @node bin/just-args.js schemas "$@"
