defmodule Starweave.Context do
  @moduledoc """
  Keeps the turns of a conversation and resolves what words such as "it" refer to.
  """

  @doc """
  Begins a conversation with an agent.

  Returns `{:ok, context}`. The option `turns:` sets the size of its window.
  """
  @spec new(agent(), keyword()) :: {:ok, t()}
  def new(agent, opts \\ []) do
    {:ok, %__MODULE__{agent: agent, turns: [], size: opts[:turns] || 6}}
  end

  @doc """
  Adds a question and its answer as one turn.

  Returns the longer context; the oldest turn is summarised when the window is full.

      iex> Starweave.Context.add_turn(context, "where is kim?", "on star2")
      %Starweave.Context{turns: 1}
  """
  @spec add_turn(t(), String.t(), String.t()) :: t()
  def add_turn(context, question, answer) do
    %{context | turns: [{question, answer} | context.turns]}
  end

  @doc """
  Finds what a word such as "it" or "that" refers to.

  Returns `{:ok, topic}`, or `:unknown` when no turn names one.
  It works by going back turn by turn until a topic is named.
  """
  @spec resolve(t(), String.t()) :: {:ok, String.t()} | :unknown
  def resolve(context, word) do
    Enum.find_value(context.turns, :unknown, &topic_of(&1, word))
  end
end
