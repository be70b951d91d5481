using System.Diagnostics;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>What happened when damaged models were loaded: each must become a model that answers and saves to the same bytes, or be refused.</summary>
internal sealed class LoadingTrials
{
    /// <summary>Memory that loading may take: for a refusal's words, and this many times the bytes given.</summary>
    public const int AllowedBytes = 64 * 1024, AllowedMultiple = 8;

    private readonly List<string> _surprises = [];

    public int Loaded { get; private set; }

    public int Refused { get; private set; }

    /// <summary>Other exceptions, models that do not answer or that save to other bytes, and memory beyond what is allowed.</summary>
    public IReadOnlyList<string> Surprises => _surprises;

    public TimeSpan Slowest { get; private set; }

    /// <summary>The largest amount of memory that a file took, as a share of what it is allowed.</summary>
    public double LargestShareOfAllowedMemory { get; private set; }

    public void Run(DamagedModels damaged, int files)
    {
        for (var file = 0; file < files; file += 2)
        {
            var (accident, forgery) = damaged.Next();
            Try(accident);
            Try(forgery);
        }
    }

    private void Try(byte[] bytes)
    {
        var (allocated, started) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        KnnModel? model = null;
        try
        {
            model = KnnModel.Load(bytes);
            Loaded++;
        }
        catch (InvalidDataException refusal) when (refusal.Message.Length > 0)
        {
            Refused++;
        }
        catch (Exception surprise)
        {
            _surprises.Add($"{surprise.GetType().Name}: {surprise.Message}");
        }
        var duration = Stopwatch.GetElapsedTime(started);
        var share = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (AllowedBytes + (double)AllowedMultiple * bytes.Length);
        Slowest = duration > Slowest ? duration : Slowest;
        LargestShareOfAllowedMemory = Math.Max(share, LargestShareOfAllowedMemory);
        if (share > 1)
            _surprises.Add($"{bytes.Length} bytes took {share} times the memory that is allowed");
        if (model is not null)
            RequireSound(model, bytes);
    }

    private void RequireSound(KnnModel model, byte[] bytes)
    {
        foreach (var point in (int[])[0, model.Training.Count / 2, model.Training.Count - 1])
        {
            var answer = model.Predict(model.Training.Point(point));
            if (answer.Neighbors < model.Options.K && model.Options.Weights == NeighborWeights.Uniform || !(answer.Probability is > 0 and < 1))
                _surprises.Add($"a loaded model answers {answer} with k = {model.Options.K}");
        }
        if (!model.Save().AsSpan().SequenceEqual(bytes))
            _surprises.Add("a loaded model saves to other bytes");
    }
}
