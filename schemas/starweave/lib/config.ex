defmodule Starweave.Config do
  @moduledoc """
  Reads and changes the configuration of a running node.
  """

  @doc """
  Reads one key of the configuration.

  Returns the value, or the second argument when the key is not set.

      iex> Starweave.Config.get("log.level", :info)
      :debug
  """
  @spec get(String.t(), term()) :: term()
  def get(key, default \\ nil) do
    :persistent_term.get({__MODULE__, key}, default)
  end

  @doc """
  Changes one key until the node is restarted.

  Returns `:ok`. Raises `KeyError` for a key that does not exist.
  """
  @spec put(String.t(), term()) :: :ok
  def put(key, value) do
    :persistent_term.put({__MODULE__, key}, value)
  end

  @doc """
  Reads the configuration file again.

  Returns the list of keys that have changed. Processes learn of it by the message `:config_changed`.
  """
  @spec reload() :: [String.t()]
  def reload do
    Starweave.Config.Loader.load()
  end
end
