namespace Titanic.Web.Serving.Storing;

/// <summary>How many rows may wait at once; who comes when there is no room waits, in order, for those before to be stored.</summary>
internal sealed class RowBudget(int most)
{
    private readonly Lock _lock = new();
    private readonly Queue<(int Rows, TaskCompletionSource<bool> Place)> _outside = [];
    private int _free = most;

    /// <returns>False when there was no room in time.</returns>
    public async ValueTask<bool> Enter(int rows, Deadline deadline)
    {
        TaskCompletionSource<bool> place;
        lock (_lock)
        {
            if (_outside.Count == 0 && rows <= _free)
            {
                _free -= rows;
                return true;
            }
            place = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _outside.Enqueue((rows, place));
        }
        try
        {
            return await place.Task.WaitAsync(deadline.Remaining);
        }
        catch (TimeoutException)
        {
            // Who left meanwhile with a place in hand has it: else the rows would never be given back.
            return !place.TrySetResult(false);
        }
    }

    public void Leave(int rows)
    {
        lock (_lock)
        {
            _free += rows;
            while (_outside.TryPeek(out var first) && (first.Place.Task.IsCompleted || first.Rows <= _free))
            {
                _outside.Dequeue();
                if (first.Place.TrySetResult(true))
                    _free -= first.Rows;
            }
        }
    }
}
