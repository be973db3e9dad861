defmodule Starweave.Memory do
  @moduledoc """
  Stores and recalls what agents know.

  Every function names the agent whose memory is meant. Calls time out after five seconds.
  """

  @doc """
  Stores an item under a key in working memory.

  Returns `:ok`, or `{:error, :full}` when 40 items are there already.
  The option `layer:` stores it in another layer.

      iex> Starweave.Memory.store(agent, :door, "open")
      :ok
  """
  @spec store(agent(), key(), term()) :: :ok | {:error, :full}
  def store(agent, key, item) do
    GenServer.call(agent, {:store, key, item})
  end

  @doc """
  Looks an item up, in working memory first and in long-term memory last.

  Returns `{:ok, item}` or `:not_found`. Recalling an item doubles its weight.

      iex> Starweave.Memory.recall(agent, :door)
      {:ok, "open"}
  """
  @spec recall(agent(), key()) :: {:ok, term()} | :not_found
  def recall(agent, key) do
    GenServer.call(agent, {:recall, key})
  end

  @doc """
  Runs consolidation for one agent at once.

  Returns `{:ok, count}` with the number of items that were moved.
  Raises `Starweave.BusyError` when a consolidation runs already.
  """
  @spec consolidate(agent()) :: {:ok, non_neg_integer()}
  def consolidate(agent) do
    GenServer.call(agent, :consolidate, :infinity)
  end

  @doc """
  Empties the working memory of an agent.

  Returns `:ok`. Episodes and long-term memory stay as they are.
  """
  @spec clear(agent()) :: :ok
  def clear(agent) do
    GenServer.call(agent, :clear)
  end
end
