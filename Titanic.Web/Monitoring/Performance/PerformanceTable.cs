using System.Runtime.InteropServices;
using Npgsql;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring.Performance;

/// <summary>
/// Measures groups of cells. A year of versions has tens of thousands of cells, and each is in several groups: what depends on the cell alone
/// is computed once, and a group adds numbers to arrays.
/// </summary>
internal sealed class PerformanceTable
{
    private readonly List<PerformanceCell> _cells;
    private readonly VersionReference[] _versions;

    /// <summary>The distinct predictions, in an order that does not depend on that of the cells, because sums depend on it.</summary>
    private readonly (double Probability, bool Predicted)[] _scores;

    /// <summary>By version and score; only those of cells are computed.</summary>
    private readonly CalibratedPrediction[] _calibrated;

    /// <summary>By cell: the index of its version and score in <see cref="_calibrated"/>.</summary>
    private readonly int[] _predictionOf;

    public PerformanceTable(List<PerformanceCell> cells, IReadOnlyDictionary<int, VersionReference> versions)
    {
        _cells = cells;
        _versions = [.. versions.Values];
        (_scores, _predictionOf) = FindScores(CollectionsMarshal.AsSpan(cells));
        _calibrated = new CalibratedPrediction[_versions.Length * _scores.Length];
        var versionOf = versions.Keys.Index().ToDictionary(version => version.Item, version => version.Index);
        for (var i = 0; i < _predictionOf.Length; i++)
        {
            var version = versionOf[cells[i].Version];
            var (probability, predicted) = _scores[_predictionOf[i]];
            _predictionOf[i] += version * _scores.Length;
            ref var calibrated = ref _calibrated[_predictionOf[i]];
            if (calibrated == default)
                calibrated = CalibratedPrediction.Of(probability, predicted, _versions[version].Calibration, _versions[version].CalibrationRows);
        }
    }

    /// <summary>The performance of the cells that meet a condition.</summary>
    public PerformanceGroup Measure(string name, CellFunction<bool> where) =>
        GroupBy(where, (in _) => 0, _ => name) is [var group] ? group : new Sums(this).ToGroup(name);

    /// <summary>The performance of groups of the cells that meet a condition, in the order of their names: shorter ones first.</summary>
    public IReadOnlyList<PerformanceGroup> GroupBy<TKey>(CellFunction<bool> where, CellFunction<TKey> key, Func<TKey, string> nameOf)
        where TKey : notnull
    {
        var groups = new Dictionary<TKey, Sums>();
        var cells = CollectionsMarshal.AsSpan(_cells);
        for (var i = 0; i < cells.Length; i++)
        {
            ref readonly var cell = ref cells[i];
            if (!where(cell))
                continue;
            ref var sums = ref CollectionsMarshal.GetValueRefOrAddDefault(groups, key(cell), out _);
            sums ??= new Sums(this);
            sums.Add(cell, _predictionOf[i]);
        }
        return
        [
            .. groups.Select(group => (Name: nameOf(group.Key), Sums: group.Value)).OrderBy(group => group.Name.Length).ThenBy(group => group.Name, StringComparer.Ordinal)
                .Select(group => group.Sums.ToGroup(group.Name)),
        ];
    }

    /// <returns>The distinct predictions in their order, and by cell the index of its prediction.</returns>
    private static ((double Probability, bool Predicted)[] Scores, int[] ScoreOf) FindScores(Span<PerformanceCell> cells)
    {
        var scoreOf = new int[cells.Length];
        var indexOf = new Dictionary<long, int>();
        var found = new List<(double Probability, bool Predicted)>();
        for (var i = 0; i < scoreOf.Length; i++)
        {
            // A number is hashed several times as fast as a tuple; the sign of a probability is free for the class.
            var key = BitConverter.DoubleToInt64Bits(cells[i].Probability) | (cells[i].Predicted ? long.MinValue : 0);
            ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(indexOf, key, out var exists);
            if (!exists)
            {
                index = found.Count;
                found.Add((cells[i].Probability, cells[i].Predicted));
            }
            scoreOf[i] = index;
        }
        int[] order = [.. Enumerable.Range(0, found.Count).OrderBy(index => found[index])];
        var ranks = new int[order.Length];
        foreach (var (rank, index) in order.Index())
            ranks[index] = rank;
        for (var i = 0; i < scoreOf.Length; i++)
            scoreOf[i] = ranks[scoreOf[i]];
        return ([.. order.Select(index => found[index])], scoreOf);
    }

    /// <summary>The sums of a group.</summary>
    private sealed class Sums(PerformanceTable table)
    {
        /// <summary>Outcomes by probability and predicted class: died, survived.</summary>
        private readonly int[] _outcomes = new int[2 * table._scores.Length];

        /// <summary>Outcomes by version and sex: died, survived.</summary>
        private readonly int[] _outcomesOfSex = new int[4 * table._versions.Length];

        private readonly AccuracySums _all = new(), _unknown = new();
        private long _predictions;

        public void Add(in PerformanceCell cell, int prediction)
        {
            _predictions += cell.Rows;
            var (version, score) = Math.DivRem(prediction, table._scores.Length);
            AddOutcomes(_outcomes, score, cell.Died, cell.Survived);
            AddOutcomes(_outcomesOfSex, IndexOf(version, cell.Sex), cell.Died, cell.Survived);
            if (cell.IsLive is false)
                return; // an in-sample accuracy is not estimated
            ref readonly var calibrated = ref table._calibrated[prediction];
            _all.Add(calibrated, cell.Rows);
            _unknown.Add(calibrated, cell.Rows - cell.Died - cell.Survived);
        }

        public PerformanceGroup ToGroup(string name) =>
            PerformanceGroup.Of(name, _predictions, RowsOf(table._scores, _outcomes), Baselines(), (_all.Estimate(), _unknown.Estimate()));

        /// <summary>The baselines that all versions with an outcome have.</summary>
        private IEnumerable<(string Name, List<ScoredRow> Rows)> Baselines()
        {
            var labeled = table._versions.Index().Where(version => _outcomesOfSex.AsSpan(4 * version.Index, 4).ContainsAnyExcept(0)).ToList();
            var common = labeled.Select(version => version.Item.Baselines).MinBy(baselines => baselines.Count) ?? [];
            foreach (var name in common.Select(baseline => baseline.Name))
            {
                var predictions = new Dictionary<(double, bool), int>();
                var outcomes = new int[_outcomesOfSex.Length];
                foreach (var (index, version) in labeled)
                {
                    var baseline = version.Baselines.First(of => of.Name == name);
                    foreach (var sex in PassengerSegment.Sexes)
                    {
                        var predicted = baseline.For(sex);
                        if (!predictions.TryGetValue((predicted.Probability, predicted.Survived), out var score))
                            predictions.Add((predicted.Probability, predicted.Survived), score = predictions.Count);
                        AddOutcomes(outcomes, score, _outcomesOfSex[2 * IndexOf(index, sex)], _outcomesOfSex[(2 * IndexOf(index, sex)) + 1]);
                    }
                }
                (double, bool)[] scores = [.. predictions.OrderBy(prediction => prediction.Value).Select(prediction => prediction.Key)];
                yield return (name, RowsOf(scores, outcomes));
            }
        }

        private static int IndexOf(int version, Sex sex) => (2 * version) + (sex == Sex.Female ? 0 : 1);

        private static void AddOutcomes(int[] outcomes, int index, int died, int survived)
        {
            outcomes[2 * index] += died;
            outcomes[(2 * index) + 1] += survived;
        }

        private static List<ScoredRow> RowsOf((double Probability, bool Predicted)[] scores, int[] outcomes)
        {
            var rows = new List<ScoredRow>();
            foreach (var (index, (probability, predicted)) in scores.Index())
            {
                if (outcomes[2 * index] > 0)
                    rows.Add(new(probability, predicted, false, outcomes[2 * index]));
                if (outcomes[(2 * index) + 1] > 0)
                    rows.Add(new(probability, predicted, true, outcomes[(2 * index) + 1]));
            }
            return rows;
        }
    }
}

/// <summary>A function of a cell, which is not copied.</summary>
internal delegate T CellFunction<out T>(in PerformanceCell cell);

/// <summary>Predictions with equal values.</summary>
/// <param name="IsLive">Null for predictions of the page and the API.</param>
/// <param name="Source">One of <see cref="Serving.PredictionSources"/>.</param>
/// <param name="Predicted">Predicted class; true = survived.</param>
/// <param name="Probability">Predicted probability of survival, 0..1.</param>
/// <param name="Rows">Number of predictions, including those without a known outcome.</param>
/// <param name="Died">Number of predictions of passengers who died.</param>
/// <param name="Survived">Number of predictions of passengers who survived.</param>
internal readonly record struct PerformanceCell(
    bool? IsLive, int Version, string Source, int Pclass, Sex Sex, bool Predicted, double Probability, int Rows, int Died, int Survived)
{
    public static PerformanceCell Read(NpgsqlDataReader row) => new(
        row.IsDBNull(0) ? null : row.GetBoolean(0), row.GetInt32(1), row.GetString(2), row.GetInt16(3), SexConverter.Parse(row.GetString(4)),
        row.GetBoolean(5), row.GetDouble(6), row.GetInt32(7), row.GetInt32(8), row.GetInt32(9));

    /// <summary>Reads the cells of a row of <see cref="DailyPredictionCells"/>.</summary>
    public static void ReadArrays(NpgsqlDataReader row, List<PerformanceCell> cells)
    {
        bool? isLive = row.IsDBNull(0) ? null : row.GetBoolean(0);
        var (version, source) = (row.GetInt32(1), row.GetString(2));
        var (pclass, isFemale, predicted, probability) =
            (row.GetFieldValue<short[]>(3), row.GetFieldValue<bool[]>(4), row.GetFieldValue<bool[]>(5), row.GetFieldValue<double[]>(6));
        var (rows, died, survived) = (row.GetFieldValue<int[]>(7), row.GetFieldValue<int[]>(8), row.GetFieldValue<int[]>(9));
        for (var i = 0; i < rows.Length; i++)
            cells.Add(new(isLive, version, source, pclass[i], isFemale[i] ? Sex.Female : Sex.Male, predicted[i], probability[i], rows[i], died[i], survived[i]));
    }

    public static PerformanceCell Of(PredictionCell cell) => new(
        cell.IsLive, cell.ModelVersion, cell.Source, cell.Pclass, cell.Sex, cell.Survived, cell.Probability, cell.Predictions, cell.OutcomeDied, cell.OutcomeSurvived);
}
