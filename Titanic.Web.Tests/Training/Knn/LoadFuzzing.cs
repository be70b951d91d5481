using System.Diagnostics;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

/// <summary>Loads corrupt models: each must either be rejected or become a valid model that saves to the same bytes.</summary>
internal sealed class LoadFuzzing
{
    /// <summary>Memory that loading may allocate: a constant for error messages, plus this multiple of the length of the bytes.</summary>
    public const int AllowedBytes = 64 * 1024, AllowedMultiple = 8;

    private readonly List<string> _failures = [];

    public int Loaded { get; private set; }

    public int Rejected { get; private set; }

    /// <summary>Unexpected exceptions, models that predict invalid values or save to other bytes, and excessive memory.</summary>
    public IReadOnlyList<string> Failures => _failures;

    public TimeSpan Slowest { get; private set; }

    /// <summary>Largest memory of a load, as a share of what is allowed.</summary>
    public double LargestShareOfAllowedMemory { get; private set; }

    public void Run(CorruptModels models, int files)
    {
        for (var file = 0; file < files; file += 2)
        {
            var (corrupt, resealed) = models.Next();
            Try(corrupt);
            Try(resealed);
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
        catch (InvalidDataException exception) when (exception.Message.Length > 0)
        {
            Rejected++;
        }
        catch (Exception exception)
        {
            _failures.Add($"{exception.GetType().Name}: {exception.Message}");
        }
        var duration = Stopwatch.GetElapsedTime(started);
        var share = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (AllowedBytes + (double)AllowedMultiple * bytes.Length);
        Slowest = duration > Slowest ? duration : Slowest;
        LargestShareOfAllowedMemory = Math.Max(share, LargestShareOfAllowedMemory);
        if (share > 1)
            _failures.Add($"loading {bytes.Length} bytes allocated {share} times the allowed memory");
        if (model is not null)
            Verify(model, bytes);
    }

    private void Verify(KnnModel model, byte[] bytes)
    {
        foreach (var point in (int[])[0, model.Training.Count / 2, model.Training.Count - 1])
        {
            var prediction = model.Predict(model.Training.Point(point));
            if (prediction.Neighbors < model.Options.K && model.Options.Weights == NeighborWeights.Uniform || !(prediction.Probability is > 0 and < 1))
                _failures.Add($"a loaded model predicts {prediction} with k = {model.Options.K}");
        }
        if (!model.Save().AsSpan().SequenceEqual(bytes))
            _failures.Add("a loaded model saves to other bytes");
    }
}
