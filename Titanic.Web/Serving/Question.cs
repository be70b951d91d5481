using Titanic.Web.Passengers;

namespace Titanic.Web.Serving;

/// <summary>A question without <see cref="PassengerInput.Problems"/>, as small as it can be: ten thousand come at once.</summary>
/// <param name="Pclass">1, 2 or 3.</param>
/// <param name="AgeInYears">Null means unknown.</param>
/// <param name="FareInPounds">Null means unknown.</param>
public readonly record struct Question(int Pclass, Sex Sex, double? AgeInYears, double? FareInPounds);
