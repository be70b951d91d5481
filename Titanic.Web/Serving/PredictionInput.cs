using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving;

/// <summary>
/// The four values that a prediction is made from. An instance is always within <see cref="PassengerLimits"/>;
/// <see cref="PredictionInputBuilder"/> makes it from what an entry point received, or says what is wrong.
/// </summary>
public readonly record struct PredictionInput
{
    /// <exception cref="ArgumentOutOfRangeException">A value is outside <see cref="PassengerLimits"/>.</exception>
    [JsonConstructor]
    public PredictionInput(int pclass, Sex sex, double? age = null, double? fare = null)
    {
        PassengerLimits.Require(pclass, sex, age, fare);
        (Pclass, Sex, Age, Fare) = (pclass, sex, age, fare);
    }

    /// <summary>Class: 1 (upper), 2 (middle) or 3 (lower).</summary>
    [OneOf(1, 2, 3)]
    public int Pclass { get; }

    /// <summary>"male" or "female", in any case.</summary>
    [JsonConverter(typeof(SexJsonConverter)), OneOf(SexConverter.Male, SexConverter.Female)]
    public Sex Sex { get; }

    /// <summary>In years; null means unknown.</summary>
    [Range(0, PassengerLimits.MaximumAgeInYears)]
    public double? Age { get; }

    /// <summary>In pounds; null means unknown.</summary>
    [Range(0, PassengerLimits.MaximumFareInPounds)]
    public double? Fare { get; }

    /// <summary>The encoded values, in the order of the view's features.</summary>
    public double[] EncodeBy(ITrainingView view) => view.Encode(Pclass, Sex, Age, Fare);

    /// <summary>The same input with one field as near to what it was as a value of an explanation allows.</summary>
    /// <param name="field">As <see cref="FeatureAxis.Question"/> names it.</param>
    /// <param name="value">The new value of the field.</param>
    internal PredictionInput With(string field, AxisValue value) => PredictionFields.Find(field, StringComparison.Ordinal) switch
    {
        PredictionField.Pclass => new PredictionInput((int)value.Code, Sex, Age, Fare),
        PredictionField.Sex => new PredictionInput(Pclass, (Sex)(int)value.Code, Age, Fare),
        PredictionField.Age => new PredictionInput(Pclass, Sex, value.Nearest(Age), Fare),
        PredictionField.Fare => new PredictionInput(Pclass, Sex, Age, value.Nearest(Fare)),
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, "The field must be pclass, sex, age or fare."),
    };

    private sealed class SexJsonConverter : JsonConverter<Sex>
    {
        public override Sex Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            SexConverter.Find(reader.GetString()) ?? throw new JsonException();

        public override void Write(Utf8JsonWriter writer, Sex value, JsonSerializerOptions options) => writer.WriteStringValue(SexConverter.Format(value));
    }
}

/// <summary>The fields of a <see cref="PredictionInput"/>.</summary>
internal enum PredictionField
{
    Pclass,
    Sex,
    Age,
    Fare,
}

internal static class PredictionFields
{
    public static readonly PredictionField[] All = Enum.GetValues<PredictionField>();

    /// <summary>The others may be unknown.</summary>
    public static readonly PredictionField[] Required = [PredictionField.Pclass, PredictionField.Sex];

    private static readonly string[] _names = [.. All.Select(field => field.ToString().ToLowerInvariant())];

    /// <summary>As JSON, forms, tensors, columns and the signature of a model name it.</summary>
    public static string Name(this PredictionField field) => _names[(int)field];

    /// <summary>Null for any other name.</summary>
    public static PredictionField? Find(ReadOnlySpan<char> name, StringComparison comparison)
    {
        foreach (var field in All)
        {
            if (name.Equals(_names[(int)field], comparison))
                return field;
        }
        return null;
    }

    /// <summary>What is wrong with a value.</summary>
    /// <param name="field">The field.</param>
    /// <param name="seen">The value as part of the sentence.</param>
    public static string Problem(this PredictionField field, string seen) => field switch
    {
        PredictionField.Pclass => $"The class is {seen}; it must be {PassengerLimits.AllowedPclass}.",
        PredictionField.Sex => $"The sex is {seen}; it must be {PassengerLimits.AllowedSex}.",
        PredictionField.Age => $"The age is {seen}; it must be {PassengerLimits.AllowedAge} years, or left out if unknown.",
        _ => $"The ticket price is {seen}; it must be {PassengerLimits.AllowedFare} pounds, or left out if unknown.",
    };

    /// <summary>What is wrong with a text in a form or a CSV file, where a number has to be in plain digits.</summary>
    public static string ProblemOfText(this PredictionField field, ReadOnlySpan<char> text) => (field, Seen: $"\"{Excerpt.Truncate(text)}\"") switch
    {
        (PredictionField.Age, var seen) => $"The age is {seen}; it must be {PassengerLimits.AllowedAge} years in plain digits, such as 29 or 29.5, or left empty if unknown.",
        (PredictionField.Fare, var seen) => $"The ticket price is {seen}; it must be {PassengerLimits.AllowedFare} pounds in plain digits, such as 8 or 8.5, or left empty if unknown.",
        var (other, seen) => other.Problem(seen),
    };
}

/// <summary>Makes a <see cref="PredictionInput"/> from values that are not checked yet, and keeps one problem per field.</summary>
internal sealed class PredictionInputBuilder
{
    private string?[]? _problems;
    private int? _pclass;
    private Sex? _sex;
    private double? _age, _fare;

    /// <summary>Begins another input.</summary>
    public void Clear()
    {
        (_pclass, _sex, _age, _fare, _problems) = (null, null, null, null, null);
    }

    /// <summary>A number without a fraction is a whole number, however it was written.</summary>
    public void SetNumber(PredictionField field, double number)
    {
        var isAllowed = field switch
        {
            PredictionField.Pclass => (_pclass = number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue ? (int)number : null) is { } pclass && PassengerLimits.IsPclass(pclass),
            PredictionField.Sex => false,
            PredictionField.Age => PassengerLimits.IsAge(_age = number),
            _ => PassengerLimits.IsFare(_fare = number),
        };
        if (!isAllowed)
            Refuse(field, field.Problem(string.Create(CultureInfo.InvariantCulture, $"{number}")));
    }

    public void SetSex(Sex sex) => _sex = sex;

    /// <summary>Only the exact words count (defect S11 of the original: any typing error became "female").</summary>
    public void SetSex(ReadOnlySpan<char> text)
    {
        _sex = SexConverter.Find(text.Trim());
        if (_sex is null)
            Refuse(PredictionField.Sex, PredictionField.Sex.Problem(text.IsEmpty ? "missing" : $"\"{Excerpt.Truncate(text)}\""));
    }

    /// <summary>From a form or a CSV file. Numbers are strict: .NET alone reads "7,25" as 725, and accepts "1e3" and "NaN".</summary>
    /// <param name="field">The field.</param>
    /// <param name="text">Not empty: an empty text is an unknown value, and is not set.</param>
    public void SetText(PredictionField field, ReadOnlySpan<char> text)
    {
        if (field == PredictionField.Sex)
            SetSex(text);
        else if (PlainNumber.TryReadDecimal(text, out var number) && (field != PredictionField.Pclass || PassengerLimits.IsPclass((int)number) && !text.Contains('.')))
            SetNumber(field, number);
        else
            Refuse(field, field.ProblemOfText(text));
    }

    public void Refuse(PredictionField field, string problem) => (_problems ??= new string?[PredictionFields.All.Length])[(int)field] = problem;

    /// <summary>Null where there are problems.</summary>
    public PredictionInput? Build() => _problems is null && _pclass is { } pclass && _sex is { } sex ? new PredictionInput(pclass, sex, _age, _fare) : null;

    /// <summary>In the order of the fields; a required field that was not set is missing.</summary>
    public IEnumerable<(PredictionField Field, string Sentence)> Problems()
    {
        foreach (var field in PredictionFields.All)
        {
            var isMissing = field switch { PredictionField.Pclass => _pclass is null, PredictionField.Sex => _sex is null, _ => false };
            if (_problems?[(int)field] is { } problem)
                yield return (field, problem);
            else if (isMissing)
                yield return (field, field.Problem("missing"));
        }
    }
}
