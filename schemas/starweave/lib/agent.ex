defmodule Starweave.Agent do
  @moduledoc """
  Starts agents and talks to them.

  An agent is addressed by its name on every node of the cluster.
  """

  @doc """
  Starts an agent under the agents' supervisor.

  Returns `{:ok, pid}`, or `{:error, :limit}` when the node is full.
  The options are `name:`, `role:` and `goals:`.

      iex> Starweave.Agent.start_link(name: "kim", role: :watcher)
      {:ok, #PID<0.212.0>}
  """
  @spec start_link(keyword()) :: {:ok, pid()} | {:error, :limit}
  def start_link(opts) do
    GenServer.start_link(__MODULE__, opts)
  end

  @doc """
  Asks an agent a question and waits for the answer.

  Returns `{:ok, answer}`, or `{:error, :timeout}` after the time given as third argument.
  By default it waits five seconds.

      iex> Starweave.Agent.ask("kim", "what do you see?", 2_000)
      {:ok, "two open doors"}
  """
  @spec ask(name(), String.t(), timeout()) :: {:ok, String.t()} | {:error, :timeout}
  def ask(name, question, timeout \\ 5_000) do
    GenServer.call(via(name), {:ask, question}, timeout)
  end

  @doc """
  Hands a goal over to another agent.

  Returns `:ok`, or `{:error, :refused}` when the other goal stack is full.
  Never delegate to the agent that gave you the goal.
  """
  @spec delegate(name(), goal()) :: :ok | {:error, :refused}
  def delegate(name, goal) do
    GenServer.call(via(name), {:goal, goal})
  end

  @doc """
  Stops an agent after its current cycle.

  Returns `:ok`. The reason is written to the log. Its state is kept in a last snapshot.
  """
  @spec stop(name(), term()) :: :ok
  def stop(name, reason \\ :normal) do
    GenServer.stop(via(name), reason)
  end
end
