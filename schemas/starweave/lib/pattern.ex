defmodule Starweave.Pattern do
  @moduledoc """
  Learns, matches and forgets patterns.

  All functions take patterns by name. They are safe to call from any process.
  """

  @doc """
  Compares a window of events with every known pattern.

  Returns `{:ok, pattern, resonance}` for the best one, or `:none` below the threshold.
  Raises `ArgumentError` when the window is empty.

      iex> Starweave.Pattern.match(events, threshold: 0.8)
      {:ok, "night login", 0.91}
  """
  @spec match([Event.t()], keyword()) :: {:ok, String.t(), float()} | :none
  def match(events, opts \\ []) do
    Starweave.Pattern.Store.best(events, opts)
  end

  @doc """
  Stores a window of events as a new pattern under a name.

  Returns `{:ok, pattern}`, or `{:error, :exists}` when the name is taken.
  By default a new pattern has the weight 0.5.

      iex> Starweave.Pattern.learn("night login", events)
      {:ok, %Starweave.Pattern{name: "night login"}}
  """
  @spec learn(String.t(), [Event.t()]) :: {:ok, t()} | {:error, :exists}
  def learn(name, events) do
    Starweave.Pattern.Store.insert(name, events)
  end

  @doc """
  Moves a pattern's signature towards the given events.

  Returns the changed pattern. Use it when evolution is turned off and you want to steer it yourself.
  """
  @spec evolve(String.t(), [Event.t()]) :: t()
  def evolve(name, events) do
    Starweave.Pattern.Store.update(name, events)
  end

  @doc """
  Removes a pattern and everything that refers to it.

  Returns `:ok`, also when there was no such pattern. Careful: it cannot be undone.
  """
  @spec forget(String.t()) :: :ok
  def forget(name) do
    Starweave.Pattern.Store.delete(name)
  end
end
